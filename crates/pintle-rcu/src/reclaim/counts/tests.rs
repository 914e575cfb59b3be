use super::*;

#[test]
fn counts_wrap() {
    let counts = Counts {
        deferred: AtomicUsize::new(usize::MAX - 1),
        reclaimed: AtomicUsize::new(usize::MAX - 1),
        capacity: 3,
    };
    let before = counts.mark();
    assert!(counts.is_past(before));
    for _ in 0..3 {
        assert!(counts.has_room() && counts.try_defer());
    }
    assert!(!counts.has_room() && !counts.try_defer());
    let after = counts.mark();
    for _ in 0..3 {
        assert!(counts.is_past(before) && !counts.is_past(after));
        counts.reclaim();
    }
    assert!(counts.is_past(after));
    assert_eq!(counts.waiting(), 0);
}

#[test]
fn nothing_fits_into_nothing() {
    assert!(!Counts::new(0).try_defer());
    assert_eq!(Counts::new(usize::MAX).capacity(), Counts::MOST);
}
