//! The lock that is chosen by features, which in a model is loom's own.

use super::excludes;
use pintle_core::model::PREEMPTIONS;
use pintle_lock::blocking::DefaultMutex;

#[test]
fn it_excludes() {
    excludes(PREEMPTIONS, DefaultMutex::new, 2);
}
