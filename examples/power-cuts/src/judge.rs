//! What a lock is when it is made, and what must be so of it after any cut.

use lock_core::crypto::{Key, KeyEpoch, Label, LeafKeys, LockId, RootKey, RustCrypto};
use lock_core::proto::{Outcome, PinDigits};
use lock_fleet::{LiveRequest, Task};

use crate::broken::{Broken, Held, hold};
use crate::chip::Image;
use crate::history::{History, Runs};
use crate::operations::{Codes, Operation};
use crate::scene::{CODE, LIMIT, LOCK, Scene, WRONG_CODE};
use crate::service::Service;
use crate::worker::{Kept, Tools};

/// A lock that stands before an operation.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) kept: Kept,
    /// Its service's key lies there.
    _tools: Tools,
}

impl Base {
    pub(crate) fn make(operation: &dyn Operation, tools: Tools) -> Held<Self> {
        let mut scene = made(&tools)?;
        scene.power_up(0)?;
        if operation.codes() == Codes::LockedOut {
            lock_out(&mut scene)?;
        }
        let kept = operation.prepare(&mut scene)?;
        drop(scene);
        Ok(Self { kept, _tools: tools })
    }
}

/// A new lock that its service has told a code and the time, and whose log was fetched once.
fn made(tools: &Tools) -> Held<Scene<'_>> {
    let (mut root, mut entropy) = ([0; 32], [0; 32]);
    getrandom::fill(&mut root).and_then(|()| getrandom::fill(&mut entropy)).map_err(Broken::host)?;
    let LockId(lock_id) = LOCK;
    tools.flash.put(&Image::made(&root, &lock_id, &entropy))?;
    let service = Service::create(tools.folder.path(), &tools.key(), root, LOCK)?;
    let mut scene = Scene::new(tools, service, History::default());
    scene.history.first_leaves = first_leaves(root)?;
    scene.power_up(0)?;
    let digits =
        PinDigits::from_ascii(CODE.as_bytes()).map_err(|error| Broken::Host(format!("{error:?}")))?;
    let outcome = scene.order(Task::SetPin { slot: 0, digits, user: None }, "a-code")?;
    hold(outcome == Outcome::Done, || format!("setting a code is {outcome:?}"))?;
    scene.replug()?;
    let (mut session, _) = scene.session(LiveRequest::Nothing)?;
    scene.check_boot(&mut session)?;
    scene.fetch_log(&mut session)?;
    scene.ask(&mut session, LiveRequest::AcknowledgeLog)?;
    scene.settle()?;
    scene.power_off()?;
    Ok(scene)
}

/// The leaf keys of the first epoch that are stored with the keys of a lock. That of the log is not: it is spent when the lock is made.
fn first_leaves(root: [u8; 32]) -> Held<Vec<[u8; Key::BYTES]>> {
    let root =
        RootKey::from_bytes::<RustCrypto>(root, LOCK).map_err(|error| Broken::Host(format!("{error:?}")))?;
    let leaves = LeafKeys::expand::<RustCrypto>(&root, LOCK, KeyEpoch::FIRST);
    let labels = Label::ALL.into_iter().filter(|label| *label != Label::Log);
    Ok(labels.map(|label| *leaves.leaf(label).expose()).collect())
}

fn lock_out(scene: &mut Scene<'_>) -> Held {
    let mut light = String::new();
    for _ in 0..LIMIT {
        light = scene.enter(WRONG_CODE)?;
    }
    hold(light == "light: locked out", || format!("after {LIMIT} wrong codes: {light}"))?;
    scene.settle()
}

/// The power is off. The lock starts again from what its flash holds, and is held against all that was seen of it. So often had the motor
/// run when the power went in the operation.
pub(crate) fn judge(operation: &dyn Operation, scene: &mut Scene<'_>, runs: Runs) -> Held {
    scene.power_up(0)?;
    hold(scene.history.runs == runs, || "the motor moved by itself".into())?;
    scene.replay()?;
    hold(scene.history.runs == runs, || "what was brought again moved the motor".into())?;
    operation.agree(scene)?;
    scene.settle()?;
    service_agrees(scene)?;
    if operation.codes() == Codes::LockedOut {
        still_locked_out(scene)?;
    }
    scene.power_off().map(drop)
}

fn service_agrees(scene: &mut Scene<'_>) -> Held {
    scene.replug()?;
    let (mut session, _) = scene.session(LiveRequest::Nothing)?;
    scene.check_boot(&mut session)?;
    scene.fetch_log(&mut session)?;
    scene.compare(&mut session)?;
    let audit = scene.service.fleet().audit(LOCK, 0, 10_000).map_err(Broken::host)?;
    let went_back = audit.into_iter().find(|row| row.entry.what == "alarm: marks went back");
    went_back.map_or(Ok(()), |row| Err(Broken::Wrong(row.entry.result)))
}

/// The right code does not open: the lockout was not forgotten.
fn still_locked_out(scene: &mut Scene<'_>) -> Held {
    let runs = scene.history.runs;
    let light = scene.enter(CODE)?;
    scene.settle()?;
    let is_refused = light.starts_with("light: refused") || light == "light: locked out";
    hold(is_refused && scene.history.runs == runs, || format!("the lockout is forgotten: {light}"))
}
