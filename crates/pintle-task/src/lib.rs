//! Tasks and schedulers, from statics on one core to a multi-threaded runtime.
#![no_std]
