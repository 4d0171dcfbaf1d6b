//! Lemmas about counters, parsers and stored records: each is a function that draws arbitrary values and says whether what it promises holds of
//! them. Built for WebAssembly and turned into C they are proved for all values within a bound (`ci/verify.sh bounded`); as ordinary tests they are
//! sampled. A lemma that panics does not hold either. Those called `planted_...` are wrong on purpose, and must be refuted.
#![cfg_attr(target_arch = "wasm32", no_std)]

mod bytes;
pub mod counters;
pub mod parsers;
pub mod planted;
pub mod records;
mod source;
pub mod wire;

pub use source::Source;

/// To the checker each lemma is an exported function.
#[cfg(target_arch = "wasm32")]
macro_rules! lemmas {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> u32 {
                $module::$name(&mut Source).into()
            }
        )*
    };
}

/// To `cargo test` each is a test.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! lemmas {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                for seed in 0..20_000 {
                    assert!($module::$name(&mut Source::new(seed)), "seed {seed}");
                }
            }
        )*
    };
}

lemmas! {
    counters::a_mark_takes_what_is_above_it_within_a_jump,
    counters::no_reserved_number_is_given_twice_over_a_power_cut,
    counters::a_deadline_has_passed_when_its_time_is_over,
    parsers::nine_digits_are_a_number_and_nothing_else_is,
    records::used_codes_have_one_encoding,
    wire::a_number_of_64_bits_has_one_encoding,
    wire::a_number_of_32_bits_has_one_encoding,
    wire::a_number_of_16_bits_has_one_encoding,
    wire::a_signed_number_has_one_encoding,
    wire::a_reason_has_one_encoding,
    wire::an_outcome_has_one_encoding,
    wire::a_query_has_one_encoding,
    wire::a_condition_has_one_encoding,
    wire::a_packet_is_of_one_kind_or_none,
}

#[cfg(target_arch = "wasm32")]
lemmas! {
    planted::planted_bound,
    planted::planted_panic,
    planted::planted_loop,
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
