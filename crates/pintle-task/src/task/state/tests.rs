use super::*;

/// A word in the given state, with `refs` references.
fn word(flags: &[usize], refs: usize) -> StateCell {
    let bits = flags.iter().fold(refs * ONE_REF, |bits, flag| bits | flag);
    StateCell(AtomicUsize::new(bits))
}

fn refs(cell: &StateCell) -> usize {
    cell.peek().get(State::REFS)
}

/// As many references as there may be.
const MAX_REFS: usize = usize::MAX / ONE_REF / 2;
const POLLING: usize = State::POLLING.raw_mask();
const COMPLETED: usize = State::COMPLETED.raw_mask();
const CANCELED: usize = State::CANCELED.raw_mask();
const JOIN_HANDLE: usize = State::JOIN_HANDLE.raw_mask();
const JOIN_WAKER: usize = State::JOIN_WAKER.raw_mask();
const LOCAL: usize = State::LOCAL.raw_mask();

#[test]
fn the_word_is_filled() {
    State::assert_valid();
    let flags = POLLING | WOKEN | COMPLETED | CANCELED | JOIN_HANDLE | JOIN_WAKER | LOCAL;
    assert_eq!(flags.count_ones(), 7);
    assert_eq!(flags | State::REFS.raw_mask(), usize::MAX);
    assert_eq!(State::REFS.bits(), usize::BITS - 7);
    assert_eq!(MAX_REFS, (usize::MAX >> 7) / 2);
    assert!(State::REFS.raw_mask() > TOO_MANY_REFS);
    const {
        assert!(
            POLLING > WOKEN && WOKEN > LOCAL,
            "what keeps the task is above"
        );
    }
}

#[test]
fn a_life() {
    let cell = StateCell::new();
    cell.spawn();
    assert_eq!(refs(&cell), 1);
    // Queued tasks are not queued again.
    assert_eq!(cell.wake(), Wake::Nothing);
    assert_eq!(cell.start_poll(), StartPoll::Poll);
    assert_eq!(cell.end_poll(), EndPoll::Idle);
    assert_eq!(cell.wake(), Wake::Schedule);
    assert_eq!(cell.start_poll(), StartPoll::Poll);
    // Woken while it is polled: the runner has the next ticket.
    assert_eq!(cell.wake(), Wake::Nothing);
    assert_eq!(cell.end_poll(), EndPoll::Reschedule);
    assert_eq!(cell.start_poll(), StartPoll::Poll);
    assert_eq!(cell.complete(), Complete::Joinable);
    assert!(cell.is_completed());
    assert_eq!(cell.wake(), Wake::Nothing);
    assert_eq!(cell.start_join(), Join::Ready);
    assert_eq!(cell.drop_join_handle(), Detach::Stage);
    assert_eq!(refs(&cell), 1, "neither ticket nor runner is counted");
    cell.add_ref();
    assert_eq!(cell.drop_ref(), DropRef::Nothing);
    assert_eq!(cell.drop_ref(), DropRef::Free);
}

#[test]
fn who_keeps_a_task() {
    // The runner, after the last reference.
    let cell = word(&[POLLING], 1);
    assert_eq!(cell.drop_ref(), DropRef::Nothing);
    assert_eq!(cell.end_poll(), EndPoll::Free);
    // The ticket.
    let cell = word(&[WOKEN], 1);
    assert_eq!(cell.drop_ref(), DropRef::Nothing);
    assert_eq!(cell.unwake(), DropRef::Free);
    // A reference, after the others.
    let cell = word(&[POLLING], 1);
    assert_eq!(cell.end_poll(), EndPoll::Idle);
    assert_eq!(cell.drop_ref(), DropRef::Free);
    // Nothing but references, once it is complete.
    let cell = word(&[POLLING], 1);
    assert_eq!(cell.complete_detached(), DropRef::Nothing);
    assert_eq!(cell.drop_ref(), DropRef::Free);
    assert_eq!(word(&[POLLING], 0).complete_detached(), DropRef::Free);
}

#[test]
fn cancel_in_every_state() {
    let idle = word(&[], 1);
    assert_eq!(idle.cancel(), Cancel::Schedule);
    assert_eq!(idle.cancel(), Cancel::Already);
    assert_eq!(idle.start_poll(), StartPoll::Cancel);

    let queued = word(&[WOKEN], 1);
    assert_eq!(queued.cancel(), Cancel::Marked);
    assert_eq!(queued.start_poll(), StartPoll::Cancel);

    // The runner keeps the stage to drop what is in it.
    for woken in [0, WOKEN] {
        let polling = word(&[POLLING, woken], 1);
        assert_eq!(polling.cancel(), Cancel::Marked);
        assert_eq!(polling.end_poll(), EndPoll::Cancel);
        assert!(polling.peek().get(State::POLLING));
        assert_eq!(polling.complete(), Complete::Detached);
    }

    let complete = word(&[POLLING, JOIN_HANDLE], 1);
    assert_eq!(complete.complete(), Complete::Joinable);
    assert_eq!(complete.cancel(), Cancel::Marked);
    assert_eq!(refs(&complete), 1);
    assert!(complete.is_canceled());
}

#[test]
fn a_ticket_can_be_given_back() {
    let cell = word(&[WOKEN], 2);
    assert_eq!(cell.unwake(), DropRef::Nothing);
    assert_eq!(cell.wake(), Wake::Schedule);
}

#[test]
fn a_local_task_is_kept_until_it_is_complete() {
    // By its runner.
    let cell = word(&[LOCAL, POLLING], 0);
    assert_eq!(cell.end_local_poll(), EndPoll::Cancel);
    assert!(cell.peek().get(State::POLLING));
    // By the ticket that its last reference turns into, or the ticket itself.
    for cell in [word(&[LOCAL], 1), word(&[LOCAL, WOKEN], 0)] {
        let drop_ref = match cell.peek().get(State::WOKEN) {
            false => cell.drop_local_ref(),
            true => cell.local_unwake(),
        };
        assert_eq!(drop_ref, DropRef::Schedule);
        assert_eq!(cell.peek(), word(&[LOCAL, WOKEN, CANCELED], 1).peek());
        // The scheduler may be faster than who has scheduled it.
        assert_eq!(cell.start_local_poll(), StartPoll::Cancel);
        assert_eq!(cell.drop_local_ref(), DropRef::Nothing);
        assert_eq!(cell.complete_detached(), DropRef::Free);
    }
    // By nothing but its being leaked, if the scheduler drops that one.
    let cell = word(&[LOCAL, WOKEN, CANCELED], 1);
    assert_eq!(cell.local_unwake(), DropRef::Nothing);
    assert_eq!(cell.drop_local_ref(), DropRef::Leak);
    assert_eq!(
        word(&[LOCAL, WOKEN, CANCELED], 0).local_unwake(),
        DropRef::Leak
    );
}

#[test]
fn a_local_ticket_may_be_left_over() {
    let spent = word(&[LOCAL, WOKEN], 1);
    assert_eq!(spent.shut_down(), ShutDown::Clear);
    assert_eq!(refs(&spent), 2, "the ticket is counted now");
    assert_eq!(spent.shut_down(), ShutDown::Marked);
    assert_eq!(spent.start_local_poll(), StartPoll::Gone);
    assert_eq!(spent.complete_detached(), DropRef::Nothing);
    assert_eq!(spent.shut_down(), ShutDown::Complete);
    assert_eq!(spent.start_local_poll(), StartPoll::Gone);
    assert_eq!(spent.drop_local_ref(), DropRef::Nothing);
    assert_eq!(spent.local_unwake(), DropRef::Free);

    let idle = word(&[LOCAL], 1);
    assert_eq!(idle.shut_down(), ShutDown::Clear);
    assert_eq!(refs(&idle), 1);
    assert_eq!(
        idle.wake(),
        Wake::Nothing,
        "it is being polled, so to speak"
    );
    assert_eq!(idle.complete_detached(), DropRef::Nothing);
    assert_eq!(idle.drop_local_ref(), DropRef::Free);
}

#[test]
fn the_slot_goes_to_and_fro() {
    let cell = word(&[POLLING, JOIN_HANDLE], 2);
    assert_eq!(cell.start_join(), Join::Pending);
    assert_eq!(cell.share_join_waker(), Join::Pending);
    // A second poll takes it back.
    assert_eq!(cell.start_join(), Join::Pending);
    assert!(!cell.peek().get(State::JOIN_WAKER));
    assert_eq!(cell.share_join_waker(), Join::Pending);
    assert_eq!(cell.complete(), Complete::WakeJoiner);
    // From now on it is the completer's.
    assert_eq!(cell.start_join(), Join::Ready);
    assert_eq!(cell.share_join_waker(), Join::Ready);
    assert_eq!(cell.drop_join_handle(), Detach::Stage);
}

#[test]
fn a_waker_that_comes_too_late_is_not_shared() {
    let cell = word(&[POLLING, JOIN_HANDLE], 2);
    assert_eq!(cell.start_join(), Join::Pending);
    assert_eq!(cell.complete(), Complete::Joinable);
    assert_eq!(cell.share_join_waker(), Join::Ready);
}

#[test]
fn a_handle_leaves() {
    let silent = word(&[JOIN_HANDLE], 1);
    assert_eq!(silent.drop_join_handle(), Detach::Nothing);
    let waiting = word(&[JOIN_HANDLE, JOIN_WAKER], 1);
    assert_eq!(waiting.drop_join_handle(), Detach::Waker);
    assert!(!waiting.peek().get(State::JOIN_WAKER));
    let ran = word(&[POLLING, WOKEN], 1);
    assert_eq!(ran.complete(), Complete::Detached);
    assert_eq!(ran.peek(), word(&[POLLING, WOKEN], 1).peek());
    assert_eq!(ran.complete_detached(), DropRef::Nothing);
    assert_eq!(ran.peek(), word(&[COMPLETED, WOKEN], 1).peek());
}

/// The process must end: in a process of its own.
#[test]
fn too_many_references_end_the_process() {
    const CHILD: &str = "PINTLE_TASK_TOO_MANY_REFS";
    let name = std::thread::current().name().map(std::string::String::from);
    if std::env::var_os(CHILD).is_some() {
        let cell = word(&[], MAX_REFS);
        cell.add_ref();
        // Without `std` it takes an abort that nobody can catch.
        let _ = std::panic::catch_unwind(|| word(&[], MAX_REFS + 1).add_ref());
        std::process::exit(0);
    }
    let Some(name) = name.filter(|name| name.contains("too_many")) else {
        return;
    };
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name])
        .env(CHILD, "1")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_ne!(child.code(), Some(0), "{child}");
    assert_ne!(child.code(), Some(101), "{child}");
}
