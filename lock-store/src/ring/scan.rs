//! The records of one sector: how far they go, which secret is the newest, which are still to be erased.

use embedded_storage::nor_flash::NorFlash;

use super::error::LogDamage;
use super::layout::RingLayout;
use super::mount::Born;
use super::record::{self, Kind, Life, Place, Secret};
use super::{LogMountError, MAX_ENTRY, Tail};
use crate::journal::header::Header;
use crate::journal::layout::Mark;
use crate::journal::medium::Medium;

/// The records of one sector.
pub(super) struct Scan {
    pub(super) tail: Tail,
    pub(super) next: u64,
    pub(super) acknowledged: u64,
    /// The newest secret.
    pub(super) key: Option<Place>,
    pub(super) spent: [Option<Place>; 3],
}

pub(super) fn scan<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    Born { life, first, acknowledged }: Born,
) -> Result<Scan, LogMountError<F::Error>> {
    let mut offset = layout.first_key();
    let tail = Tail::Open(offset);
    let mut scan = Scan { tail, next: first, acknowledged, key: None, spent: [None; 3] };
    while offset.saturating_add(layout.record_size(Kind::Acknowledgement, 0)) <= layout.end() {
        let damage = LogDamage { sector: life.sector, offset };
        let mark = record::mark(medium, layout, life, offset).map_err(LogMountError::Flash)?;
        let header = record::header(medium, layout, life, offset).map_err(LogMountError::Flash)?;
        if mark == Mark::Blank {
            scan.torn(medium, layout, (life, offset), header.map(|(kind, header)| (kind, header.length)))?;
            return Ok(scan);
        }
        let (kind, header) = header.ok_or(damage)?;
        let place = Place { life, offset };
        match kind {
            Kind::Head => return Err(damage.into()),
            Kind::Entry | Kind::Key => {
                if let Some(before) = scan.key.replace(place) {
                    note(medium, layout, &mut scan.spent, before)?;
                }
                scan.next = scan.next.saturating_add(u64::from(kind == Kind::Entry));
            }
            Kind::Acknowledgement => scan.acknowledge(medium, layout, (life, offset), header)?,
        }
        offset = offset.saturating_add(layout.record_size(kind, header.length));
        scan.tail = Tail::Open(offset);
        if mark == Mark::Begun && rest_is_blank(medium, layout, life, offset)? {
            // The body was read back before its mark was begun: the record counts, and nothing is written behind it.
            scan.tail = Tail::Sealed;
            return Ok(scan);
        }
    }
    Ok(scan)
}

impl Scan {
    /// Judges what follows the last committed record: nothing, or one torn record.
    fn torn<F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        layout: RingLayout,
        (life, offset): (Life, u32),
        header: Option<(Kind, u16)>,
    ) -> Result<(), LogMountError<F::Error>> {
        if rest_is_blank(medium, layout, life, offset)? {
            self.tail = Tail::Open(offset);
            return Ok(());
        }
        // It is the last of its sector: if anything follows, a mark was lost. What may be a secret in it is zeroed, whatever it was.
        let (kind, length) = header.unwrap_or((Kind::Entry, MAX_ENTRY as u16));
        let size = layout.record_size(kind, length).max(layout.record_size(Kind::Key, 0));
        let behind = offset.saturating_add(size);
        if !rest_is_blank(medium, layout, life, behind.min(layout.end()))? {
            return Err(LogDamage { sector: life.sector, offset }.into());
        }
        self.tail = Tail::Sealed;
        if offset.saturating_add(layout.record_size(Kind::Key, 0)) <= layout.end() {
            note(medium, layout, &mut self.spent, Place { life, offset })?;
        }
        Ok(())
    }

    fn acknowledge<F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        layout: RingLayout,
        at: (Life, u32),
        header: Header,
    ) -> Result<(), LogMountError<F::Error>> {
        let mut bytes = [0; 8];
        let mut slots = bytes.iter_mut();
        let is_whole = record::payload(medium, layout, at, (Kind::Acknowledgement, header), |piece| {
            piece.iter().zip(&mut slots).for_each(|(byte, slot)| *slot = *byte);
        });
        // One that went bad frees nothing.
        if is_whole.map_err(LogMountError::Flash)? && header.length == 8 {
            self.acknowledged = self.acknowledged.max(u64::from_le_bytes(bytes));
        }
        Ok(())
    }
}

/// Notes a secret that is not erased yet.
pub(super) fn note<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    spent: &mut [Option<Place>; 3],
    place: Place,
) -> Result<(), LogMountError<F::Error>> {
    let found = record::secret(medium, layout, place.life, place.offset).map_err(LogMountError::Flash)?;
    if found != Secret::Erased
        && !spent.contains(&Some(place))
        && let Some(vacant) = spent.iter_mut().find(|spent| spent.is_none())
    {
        *vacant = Some(place);
    }
    Ok(())
}

fn rest_is_blank<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
    offset: u32,
) -> Result<bool, LogMountError<F::Error>> {
    let (from, to) = (layout.address(life.sector, offset), layout.address(life.sector, layout.end()));
    medium.is_blank(from, to).map_err(LogMountError::Flash)
}
