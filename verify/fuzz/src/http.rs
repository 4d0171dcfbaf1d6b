//! The service, called by people with rights on two locks and by others: it never fails, and nobody learns or changes what is not theirs.

mod house;
mod wishes;

use arbitrary::Unstructured;

use house::{House, Person};
use wishes::Call;

/// Calls of one input.
const CALLS: usize = 8;

pub(crate) fn take(bytes: &[u8]) {
    let Ok(calls) = Unstructured::new(bytes).arbitrary::<Vec<Call>>() else { return };
    let mut house = House::as_built();
    // What the admin and Bob do may give rights to others, and change what is Bob's.
    let mut is_private = true;
    for call in calls.iter().take(CALLS) {
        let Some((request, said)) = call.request(&house) else { continue };
        let (status, answer) = house.answer(request);
        assert!(status < 500, "{status}: {answer} to {call:?}");
        is_private &= !(matches!(call.who(), Person::Admin | Person::Bob) && status < 400);
        if is_private {
            learns_nothing(&house, call.who(), &said, &answer);
        }
    }
    if is_private {
        assert_eq!(house.seen_by_bob(), House::as_bob_left_it(), "somebody changed what is Bob's");
    }
}

/// Whoever has no right on a lock is told nothing of it but what was said to the service.
fn learns_nothing(house: &House, who: Person, said: &str, answer: &str) {
    let secret_of: &[&[String]] = match who {
        Person::Alice => &[&house.of_bob],
        Person::Stranger | Person::Nobody | Person::Forger => &[&house.of_bob, &house.of_alice],
        Person::Admin | Person::Bob => &[],
    };
    for word in secret_of.iter().copied().flatten() {
        assert!(
            said.contains(word.as_str()) || !answer.contains(word.as_str()),
            "{who:?} learns {word}: {answer}"
        );
    }
}
