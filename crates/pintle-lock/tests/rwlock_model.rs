//! A readers-writer lock beside a model of three numbers, by histories that nobody thought of.
#![cfg(not(loom))]

use pintle_lock::ConstInit;
use pintle_lock::blocking::{
    RawRwLockUpgrade, RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard,
};
use pintle_lock::spin::RwSpinlock;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    TryRead,
    TryUpgradable,
    TryWrite,
    TryUpgrade,
    DowngradeWriter,
    DowngradeWriterToUpgradable,
    DowngradeUpgradable,
    /// One of the readers leaves, or does not: its guard is leaked.
    DropReader(prop::sample::Index),
    LeakReader(prop::sample::Index),
    DropUpgradable,
    DropWriter,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::TryRead),
        2 => Just(Step::TryUpgradable),
        2 => Just(Step::TryWrite),
        3 => Just(Step::TryUpgrade),
        1 => Just(Step::DowngradeWriter),
        1 => Just(Step::DowngradeWriterToUpgradable),
        1 => Just(Step::DowngradeUpgradable),
        4 => any::<prop::sample::Index>().prop_map(Step::DropReader),
        // Seldom: after it nobody ever writes.
        1 => (any::<prop::sample::Index>(), 0..20).prop_map(|(which, seldom)| match seldom {
            0 => Step::LeakReader(which),
            _ => Step::DropReader(which),
        }),
        2 => Just(Step::DropUpgradable),
        2 => Just(Step::DropWriter),
    ]
}

/// Who is inside, as the plain model has it.
#[derive(Default, Debug, PartialEq)]
struct Model {
    readers: usize,
    upgradable: bool,
    writer: bool,
    value: usize,
}

impl Model {
    fn may_read(&self) -> bool {
        !self.writer
    }

    fn may_upgradable(&self) -> bool {
        !self.writer && !self.upgradable
    }

    fn may_write(&self) -> bool {
        !self.writer && !self.upgradable && self.readers == 0
    }
}

fn run<L: RawRwLockUpgrade + ConstInit>(steps: &[Step]) {
    let lock = RwLock::new_with_raw_rwlock(0, L::INIT);
    let mut model = Model::default();
    let mut readers: Vec<RwLockReadGuard<'_, usize, L>> = Vec::new();
    let mut upgradable: Option<RwLockUpgradableGuard<'_, usize, L>> = None;
    let mut writer: Option<RwLockWriteGuard<'_, usize, L>> = None;

    for &step in steps {
        match step {
            Step::TryRead => {
                let got = lock.try_read();
                assert_eq!(got.is_some(), model.may_read(), "{step:?} {model:?}");
                model.readers += usize::from(got.is_some());
                readers.extend(got);
            }
            Step::TryUpgradable => {
                let got = lock.try_upgradable_read();
                assert_eq!(got.is_some(), model.may_upgradable(), "{step:?} {model:?}");
                model.upgradable |= got.is_some();
                upgradable = upgradable.or(got);
            }
            Step::TryWrite => {
                let got = lock.try_write();
                assert_eq!(got.is_some(), model.may_write(), "{step:?} {model:?}");
                model.writer |= got.is_some();
                writer = writer.or(got);
            }
            Step::TryUpgrade => {
                let Some(guard) = upgradable.take() else {
                    continue;
                };
                match guard.try_upgrade() {
                    Ok(guard) => {
                        assert_eq!(model.readers, 0, "{model:?}");
                        (model.upgradable, model.writer) = (false, true);
                        writer = Some(guard);
                    }
                    Err(guard) => {
                        assert_ne!(model.readers, 0, "{model:?}");
                        upgradable = Some(guard);
                    }
                }
            }
            Step::DowngradeWriter => {
                let Some(guard) = writer.take() else { continue };
                readers.push(RwLockWriteGuard::downgrade(guard));
                (model.writer, model.readers) = (false, model.readers + 1);
            }
            Step::DowngradeWriterToUpgradable => {
                let Some(guard) = writer.take() else { continue };
                upgradable = Some(RwLockWriteGuard::downgrade_to_upgradable(guard));
                (model.writer, model.upgradable) = (false, true);
            }
            Step::DowngradeUpgradable => {
                let Some(guard) = upgradable.take() else {
                    continue;
                };
                readers.push(RwLockUpgradableGuard::downgrade(guard));
                (model.upgradable, model.readers) = (false, model.readers + 1);
            }
            Step::DropReader(which) | Step::LeakReader(which) => {
                if readers.is_empty() {
                    continue;
                }
                let guard = readers.swap_remove(which.index(readers.len()));
                if matches!(step, Step::LeakReader(_)) {
                    std::mem::forget(guard);
                } else {
                    drop(guard);
                    model.readers -= 1;
                }
            }
            Step::DropUpgradable => {
                upgradable = None;
                model.upgradable = false;
            }
            Step::DropWriter => {
                writer = None;
                model.writer = false;
            }
        }
        if let Some(value) = writer.as_deref_mut() {
            *value += 1;
            model.value += 1;
        }
        let seen = readers.iter().map(|guard| **guard);
        for value in seen.chain(upgradable.as_deref().copied()) {
            assert_eq!(value, model.value);
        }
        assert_eq!(lock.has_writer(), model.writer, "{step:?}");
        assert_eq!(lock.try_read().is_some(), model.may_read(), "{step:?}");
        assert_eq!(lock.try_write().is_some(), model.may_write(), "{step:?}");
        assert_eq!(
            lock.try_upgradable_read().is_some(),
            model.may_upgradable(),
            "{step:?}"
        );
    }
}

fn config() -> ProptestConfig {
    ProptestConfig::with_cases(if pintle_core::model::full() {
        20_000
    } else {
        500
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rw_spinlock(steps in prop::collection::vec(step(), 1..80)) {
        run::<RwSpinlock>(&steps);
    }

    #[test]
    #[cfg(feature = "os")]
    fn futex_rwlock(steps in prop::collection::vec(step(), 1..80)) {
        run::<pintle_lock::os::FutexRwLock>(&steps);
    }
}
