//! Comparing two ways of doing the same on a machine that does other things as well.

/// The middle of the values; the mean of the two in the middle where their number is even. NaN for none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(value)) => *value,
        (_, None) => f64::NAN,
    }
}

/// Does both, in alternating order from one round to the next, so that neither is always the one that warms the caches.
pub fn interleave<A, B>(round: usize, first: impl FnOnce() -> A, second: impl FnOnce() -> B) -> (A, B) {
    if round.is_multiple_of(2) {
        let a = first();
        (a, second())
    } else {
        let b = second();
        (first(), b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted_values() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!((median(vec![7.0]) - 7.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn the_order_alternates_from_round_to_round() {
        let log = std::cell::RefCell::new(Vec::new());
        for round in 0..2 {
            interleave(round, || log.borrow_mut().push('a'), || log.borrow_mut().push('b'));
        }
        assert_eq!(*log.borrow(), ['a', 'b', 'b', 'a']);
    }
}
