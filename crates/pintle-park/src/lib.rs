//! Every way an operating system lets a thread wait, behind one portable face.
#![no_std]
