//! An async runtime construction kit for kernels, firmware, hypervisors and custom runtimes.
#![no_std]
