//! Where a lemma draws its values from.

/// Any numbers at all, as the checker likes.
#[cfg(target_arch = "wasm32")]
pub struct Source;

/// Random numbers with edges among them.
#[cfg(not(target_arch = "wasm32"))]
pub struct Source {
    state: u64,
}

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "proof")]
unsafe extern "C" {
    safe fn any() -> u64;
}

#[cfg(target_arch = "wasm32")]
impl Source {
    /// Any number.
    pub fn number(&mut self) -> u64 {
        any()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Source {
    /// The draws of one run of a test.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number: small, near a power of two, near the end, or just any.
    pub fn number(&mut self) -> u64 {
        let (choice, drawn) = (self.draw(), self.draw());
        match choice % 4 {
            0 => drawn % 8,
            1 => (1_u64 << (drawn >> 58)).wrapping_add(drawn % 5).wrapping_sub(2),
            2 => u64::MAX - drawn % 8,
            _ => drawn,
        }
    }

    /// SplitMix64.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

impl Source {
    /// Yes or no.
    pub fn coin(&mut self) -> bool {
        self.number() & 1 == 1
    }

    /// Any bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for eight in bytes.chunks_mut(8) {
            let drawn = self.number().to_le_bytes();
            eight.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
        }
        bytes
    }
}
