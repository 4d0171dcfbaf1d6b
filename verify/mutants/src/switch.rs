
extern crate std as mutants_std;

/// Whether the mutant is chosen. Where the compiler computes, none is.
#[doc(hidden)]
#[inline(always)]
pub const fn __mutant(id: u32) -> bool {
    #[inline(always)]
    const fn none(_: u32) -> bool {
        false
    }
    #[inline(always)]
    fn is_chosen(id: u32) -> bool {
        let chosen = __MUTANT.load(core::sync::atomic::Ordering::Relaxed);
        // Loops run through this: what is more than a comparison is elsewhere.
        if chosen < __UNKNOWN { chosen == id } else { __mutant_reached(id) }
    }
    core::intrinsics::const_eval_select((id,), none, is_chosen)
}

/// The number of the mutant that is chosen, or one of the two above it.
static __MUTANT: core::sync::atomic::AtomicU32 = core::sync::atomic::AtomicU32::new(__UNKNOWN);
/// Nobody has asked the environment yet.
const __UNKNOWN: u32 = u32::MAX - 1;
/// None is chosen: those that are reached are written down.
const __RECORDING: u32 = u32::MAX;

/// The environment chooses: `MUTANT` is the number of one; `MUTANTS_REACHED` is a file to which the numbers of those that are reached are added.
#[cold]
#[inline(never)]
fn __mutant_reached(id: u32) -> bool {
    use core::sync::atomic::{AtomicU32, Ordering};
    use mutants_std::io::Write;
    use mutants_std::sync::{Mutex, OnceLock};
    static REACHED: OnceLock<Option<Mutex<mutants_std::fs::File>>> = OnceLock::new();
    static SEEN: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];
    /// Where a test has passed so often by what it had reached before, it goes on unwatched: some cut the power at a million places.
    const PASSES: u32 = 10_000_000;
    static PASSED: AtomicU32 = AtomicU32::new(0);

    let open = |path| {
        mutants_std::fs::File::options().create(true).append(true).open(path).expect("a file for the mutants that are reached")
    };
    let Some(file) = REACHED.get_or_init(|| mutants_std::env::var_os("MUTANTS_REACHED").map(|path| Mutex::new(open(path)))) else {
        let chosen = mutants_std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0);
        __MUTANT.store(chosen, Ordering::Relaxed);
        return chosen == id;
    };
    __MUTANT.store(__RECORDING, Ordering::Relaxed);
    let (seen, bit) = (&SEEN[id as usize / 32], 1 << (id % 32));
    if seen.load(Ordering::Relaxed) & bit != 0 {
        if PASSED.fetch_add(1, Ordering::Relaxed) > PASSES {
            __MUTANT.store(0, Ordering::Relaxed);
        }
    } else if seen.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
        let mut file = file.lock().unwrap_or_else(mutants_std::sync::PoisonError::into_inner);
        PASSED.store(0, Ordering::Relaxed);
        file.write_all(mutants_std::format!("{id}\n").as_bytes()).expect("room for the mutants that are reached");
    }
    false
}
