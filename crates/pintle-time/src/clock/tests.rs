//! Rounding, and conversions at the ends of their ranges.

use proptest::prelude::*;

use super::*;

fn clock(tick: Duration) -> Clock {
    Clock::new(tick, || 0)
}

#[test]
fn durations_round_up_and_one_tick_is_added() {
    let clock = clock(Duration::from_millis(10));
    let ticks = |nanos| clock.ticks_to_cover(Duration::from_nanos(nanos));
    assert_eq!(ticks(0), Some(0));
    assert_eq!(ticks(1), Some(2));
    assert_eq!(ticks(9_000_000), Some(2));
    assert_eq!(ticks(10_000_000), Some(2));
    assert_eq!(ticks(10_000_001), Some(3));
}

#[test]
fn the_ends_of_the_ranges() {
    let nano = clock(Duration::from_nanos(1));
    assert_eq!(nano.max_duration(), Duration::from_nanos(u64::MAX));
    assert_eq!(nano.ticks_to_cover(nano.max_duration()), Some(u64::MAX));
    assert_eq!(
        nano.ticks_to_cover(nano.max_duration() + Duration::from_nanos(1)),
        None
    );

    let milli = clock(Duration::from_millis(1));
    assert_eq!(milli.max_duration(), Duration::from_millis(u64::MAX));
    assert_eq!(milli.ticks_to_cover(milli.max_duration()), Some(u64::MAX));
    assert_eq!(milli.ticks_to_cover(Duration::MAX), None);

    let second = clock(Duration::from_secs(1));
    assert_eq!(second.ticks_to_cover(Duration::MAX), None);
    assert_eq!(second.max_duration(), Duration::from_secs(u64::MAX));

    let slow = clock(Duration::from_nanos(u64::MAX));
    assert_eq!(slow.max_duration(), Duration::MAX);
    assert_eq!(slow.ticks_to_duration(u64::MAX), Duration::MAX);
    let ticks = slow.ticks_to_cover(Duration::MAX).unwrap();
    assert_eq!(slow.ticks_to_duration(ticks - 1), Duration::MAX);
    assert!(slow.ticks_to_duration(ticks - 2) < Duration::MAX);
}

#[test]
fn instants_become_the_first_count_at_which_they_have_come() {
    let clock = clock(Duration::from_millis(10));
    let at = |millis| clock.ticks_at(Instant::from_start(Duration::from_millis(millis)));
    assert_eq!((at(0), at(1), at(10), at(11)), (0, 1, 1, 2));
    assert_eq!(clock.ticks_at(Instant::from_start(Duration::MAX)), u64::MAX);
}

#[test]
fn whole_ticks() {
    let clock = clock(Duration::from_millis(10));
    let within = |millis| clock.ticks_within(Duration::from_millis(millis));
    assert_eq!((within(0), within(9), within(10), within(29)), (0, 0, 1, 2));
    assert_eq!(clock.ticks_within(Duration::MAX), u64::MAX);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_clock_is_as_small_as_a_plain_function_makes_it() {
    assert_eq!(size_of::<Clock>(), 40);
}

#[test]
#[should_panic = "shorter than 584 years"]
fn a_tick_of_ages_is_refused() {
    let _ = clock(Duration::from_nanos(u64::MAX) + Duration::from_nanos(1));
}

#[test]
#[should_panic = "tick must last longer than zero"]
fn a_tick_of_zero_is_refused() {
    let _ = clock(Duration::ZERO);
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(secs, nanos)| Duration::new(secs, nanos)),
        any::<u64>().prop_map(Duration::from_nanos),
        (0..10_000_000_u64).prop_map(Duration::from_nanos),
    ]
}

fn tick() -> impl Strategy<Value = Duration> {
    prop_oneof![1..=u64::MAX, 1..10_000_000_u64].prop_map(Duration::from_nanos)
}

proptest! {
    #[test]
    fn ticks_cover_the_duration_and_no_more(tick in tick(), wanted in duration()) {
        prop_assume!(!wanted.is_zero());
        let clock = clock(tick);
        match clock.ticks_to_cover(wanted) {
            None => prop_assert!(wanted > clock.max_duration()),
            // The tick that has begun does not count, and may be nearly over.
            Some(ticks) if ticks < u64::MAX => {
                prop_assert!(clock.ticks_to_duration(ticks - 1) >= wanted);
                prop_assert!(clock.ticks_to_duration(ticks - 2) < wanted);
            }
            Some(_) => prop_assert!(wanted <= clock.max_duration()),
        }
    }
}
