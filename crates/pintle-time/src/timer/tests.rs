//! The horizon, as it is on targets of all sizes.

use proptest::prelude::*;

use super::horizon::{Horizon, Sight};
use crate::clock::Ticks;

/// What turns and arms publish one after the other, and a reader that comes after each.
fn is_never_late<const BITS: u32>(steps: &[(Ticks, Option<Ticks>, Ticks)]) {
    let horizon = Horizon::<BITS>::new();
    let mut seen = 0;
    for &(passed, bound, ahead) in steps {
        // A clock that runs backwards now and then.
        let behind = passed % 40;
        seen += passed;
        let bound = bound.map(|bound| (seen + 1).saturating_sub(behind) + bound);
        let bound = bound.map(|bound| bound.max(1));
        horizon.publish(bound, seen);
        for now in [seen, seen + 1, seen + ahead, seen.saturating_sub(ahead)] {
            match (horizon.look(now), bound) {
                (Sight::Due, _) => {}
                (Sight::Nothing, bound) => assert_eq!(bound, None),
                (Sight::Clear(next), bound) => {
                    let bound = bound.expect("a bound");
                    assert!(now < next && next <= bound, "{now} < {next} <= {bound}");
                    assert!(BITS < 64 || next == bound);
                }
            }
        }
        // The lock is taken for a reason: two ticks more or less are lost to what is a sign.
        if horizon.look(seen) == Sight::Due {
            let bound = bound.expect("a bound");
            assert!(bound <= seen + 2 || seen >> (BITS - 2) >= (1 << (BITS - 1)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_horizon_is_never_late(
        steps in prop::collection::vec(
            (0..40_u64, prop::option::of(0..80_u64), 0..100_u64), 1..40,
        ),
    ) {
        is_never_late::<4>(&steps);
        is_never_late::<8>(&steps);
        is_never_late::<{ usize::BITS }>(&steps);
    }

    #[test]
    fn nor_over_long_times(
        steps in prop::collection::vec(
            (0..1_u64 << 40, prop::option::of(0..1_u64 << 45), 0..1_u64 << 45), 1..40,
        ),
    ) {
        is_never_late::<16>(&steps);
        is_never_late::<{ usize::BITS / 2 }>(&steps);
        is_never_late::<{ usize::BITS }>(&steps);
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn the_end_of_time_in_a_word() {
    let horizon = Horizon::<64>::new();
    assert_eq!(horizon.look(Ticks::MAX), Sight::Nothing);
    horizon.publish(Some(Ticks::MAX), 0);
    assert_eq!(horizon.look(0), Sight::Clear(Ticks::MAX));
    assert_eq!(horizon.look(Ticks::MAX - 1), Sight::Clear(Ticks::MAX));
    assert_eq!(horizon.look(Ticks::MAX), Sight::Due);
}

#[test]
fn the_end_of_time_in_epochs() {
    let horizon = Horizon::<32>::new();
    for now in [1 << 62, Ticks::MAX - 1, Ticks::MAX] {
        horizon.publish(Some(Ticks::MAX), now);
        assert_eq!(horizon.look(now), Sight::Due);
        horizon.publish(None, now);
        assert_eq!(horizon.look(now), Sight::Nothing);
    }
}
