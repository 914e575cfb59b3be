//! Bitfields whose packing is checked by the compiler: bitfield!, enum_from_bits!, packing specs.
#![no_std]
