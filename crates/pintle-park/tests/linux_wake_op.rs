//! `FUTEX_WAKE_OP`, each operation and comparison, against a model.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::num::NonZeroU32;
use linux_support::*;
use pintle_park::linux::futex::*;
use std::sync::atomic::Ordering::*;
use std::thread;

const ONE: NonZeroU32 = NonZeroU32::MIN;
const ALL: NonZeroU32 = NonZeroU32::MAX;

const NUMBERS: [i16; 9] = [-2048, -2047, -2, -1, 0, 1, 2, 2046, 2047];

fn old_values() -> impl Iterator<Item = u32> {
    let near = NUMBERS
        .into_iter()
        .flat_map(|number| [-1, 0, 1].map(|step| (i32::from(number) + step) as u32));
    near.chain([i32::MIN as u32, i32::MAX as u32, 0x5555_aaaa, 1 << 31])
}

/// Each operand, and the 32 bits that it stands for, worked out without the library.
fn operands() -> impl Iterator<Item = (Operand, u32)> {
    let numbers = NUMBERS
        .into_iter()
        .map(|number| (Operand::number(number).unwrap(), i32::from(number) as u32));
    let bits = (0..32).map(|bit| (Operand::bit(bit).unwrap(), 1_u32 << bit));
    numbers.chain(bits)
}

#[test]
fn what_twelve_bits_do_not_hold_is_no_operand() {
    assert!(Operand::number(2048).is_none() && Operand::number(-2049).is_none());
    assert!(Immediate::new(2048).is_none() && Immediate::new(-2049).is_none());
    assert!(Operand::bit(32).is_none());
    for (operand, value) in operands() {
        assert_eq!(operand.value(), value);
    }
}

#[test]
fn each_operation_does_what_the_model_does() {
    let (word, target) = (Futex::<Private>::new(0), Futex::new(0));
    let never = Comparison::Equal(Immediate::ZERO);
    for old in old_values() {
        for (operand, value) in operands() {
            let operations = [
                (Operation::Set(operand), value),
                (Operation::Add(operand), old.wrapping_add(value)),
                (Operation::Or(operand), old | value),
                (Operation::AndNot(operand), old & !value),
                (Operation::Xor(operand), old ^ value),
            ];
            for (operation, new) in operations {
                target.store(old, Relaxed);
                assert_eq!(
                    Futex::wake_op(&word, ONE, &target, ONE, operation, never),
                    Ok(0)
                );
                assert_eq!(target.load(Relaxed), new, "{old:#x} {operation:?}");
                assert_eq!(operation.apply(old), new, "{old:#x} {operation:?}");
            }
        }
    }
}

/// Whether the comparison held shows in who is woken: a thread sleeps on the target all the time.
#[test]
fn each_comparison_does_what_the_model_does() {
    let (word, target) = (Futex::<Private>::new(0), Futex::<Private>::new(0));
    let keep = Operation::Or(Operand::number(0).unwrap());
    let done = Futex::<Private>::new(0);
    scope(|scope| {
        let waiter = scope.spawn(|| {
            while done.load(Acquire) == 0 {
                let _ = target.wait(target.load(Relaxed));
            }
        });
        for number in NUMBERS {
            let right = Immediate::new(number).unwrap();
            let number = i32::from(number);
            for old in old_values().step_by(if full() { 1 } else { 3 }) {
                let signed = old as i32;
                let comparisons = [
                    (Comparison::Equal(right), signed == number),
                    (Comparison::NotEqual(right), signed != number),
                    (Comparison::Less(right), signed < number),
                    (Comparison::LessOrEqual(right), signed <= number),
                    (Comparison::Greater(right), signed > number),
                    (Comparison::GreaterOrEqual(right), signed >= number),
                ];
                for (comparison, holds) in comparisons {
                    target.store(old, Relaxed);
                    while sleepers(&target) == 0 {
                        thread::yield_now();
                    }
                    let woken = Futex::wake_op(&word, ONE, &target, ONE, keep, comparison);
                    assert_eq!(woken, Ok(holds.into()), "{signed} {comparison:?}");
                    assert_eq!(comparison.holds(old), holds, "{signed} {comparison:?}");
                }
            }
        }
        done.store(1, Release);
        // It may have looked at `done` before, and not be asleep yet.
        until(|| {
            Futex::wake(&target, 1).unwrap();
            waiter.is_finished()
        });
    });
}

#[test]
fn it_wakes_as_many_of_each_as_it_is_told() {
    let (word, target) = (Futex::<Shared>::new(0), Futex::<Shared>::new(5));
    let add = Operation::Add(Operand::number(1).unwrap());
    let was_five = Comparison::Equal(Immediate::new(5).unwrap());
    scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| word.wait(0));
            scope.spawn(|| target.wait(5));
        }
        until_asleep(&word, 3);
        until_asleep(&target, 3);
        let two = NonZeroU32::new(2).unwrap();
        assert_eq!(
            Futex::wake_op(&word, two, &target, ONE, add, was_five),
            Ok(3)
        );
        assert_eq!((sleepers(&word), sleepers(&target)), (1, 2));
        // It is six by now.
        assert_eq!(
            Futex::wake_op(&word, ALL, &target, ALL, add, was_five),
            Ok(1)
        );
        assert_eq!((sleepers(&word), sleepers(&target)), (0, 2));
        assert_eq!(target.load(Relaxed), 7);
        assert_eq!(Futex::wake(&target, u32::MAX), Ok(2));
    });
}

#[test]
fn the_first_word_may_dangle() {
    let target = Futex::<Shared>::new(1);
    let set = Operation::Set(Operand::number(2).unwrap());
    let always = Comparison::NotEqual(Immediate::ZERO);
    let gone = core::ptr::without_provenance(4096);
    let outcome = Futex::wake_op(gone, ONE, &target, ONE, set, always);
    assert_eq!(outcome, Err(WakeOpError::Fault));
    assert_eq!(target.load(Relaxed), 1, "an error changes nothing");

    let target = Futex::<Private>::new(1);
    let gone = core::ptr::without_provenance(4096);
    assert_eq!(Futex::wake_op(gone, ONE, &target, ONE, set, always), Ok(0));
    assert_eq!(target.load(Relaxed), 2);
}
