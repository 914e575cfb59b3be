//! Blocking locks over mutex-traits, from one byte on bare metal upwards.
#![no_std]
