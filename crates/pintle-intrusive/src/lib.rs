//! Intrusive collections: a doubly linked list and a lock-free MPSC queue that never allocate.
#![no_std]
