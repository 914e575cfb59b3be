//! What of the channels may cross threads and what may move, checked by the compiler.
//!
//! `not!` fails to compile if the type does have the trait: there are two candidates for `_` then.
#![cfg(not(loom))]

use core::cell::Cell;

use pintle_sync::{
    blocking::DefaultMutex,
    broadcast, mpsc, oneshot,
    storage::{AlreadySplit, Inline, Static, Storage},
};

macro_rules! is {
    ($type:ty: $($bound:tt)+) => {
        const _: fn() = || {
            fn check<T: $($bound)+>() {}
            check::<$type>();
        };
    };
}

macro_rules! not {
    ($type:ty: $bound:path) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn check() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct HasIt;
            impl<T: ?Sized + $bound> Ambiguous<HasIt> for T {}
            let _ = <$type as Ambiguous<_>>::check;
        };
    };
}

/// `Send` and not `Sync`.
type Moves = Cell<u8>;
/// Neither.
type Stays = *const u8;

/// The same for each storage.
macro_rules! ends {
    ($($storage:ty),* $(,)?) => {
        $(
            is!(mpsc::Sender<Moves, $storage>: Send + Sync + Unpin + Clone);
            is!(mpsc::Receiver<Moves, $storage>: Send + Sync + Unpin);
            is!(mpsc::Permit<'static, Moves, $storage>: Send + Sync + Unpin);
            is!(mpsc::OwnedPermit<Moves, $storage>: Send + Sync + Unpin);
            is!(mpsc::Send<'static, Moves, $storage>: Send);
            is!(mpsc::Reserve<'static, Moves, $storage>: Send);
            is!(mpsc::ReserveOwned<Moves, $storage>: Send);
            is!(mpsc::Closed<'static, Moves, $storage>: Send);
            is!(mpsc::Recv<'static, Moves, $storage>: Send + Unpin);
            not!(mpsc::Send<'static, Moves, $storage>: Unpin);
            not!(mpsc::Reserve<'static, Moves, $storage>: Unpin);
            not!(mpsc::ReserveOwned<Moves, $storage>: Unpin);
            not!(mpsc::Closed<'static, Moves, $storage>: Unpin);
            is!(oneshot::Sender<Moves, $storage>: Send + Sync + Unpin);
            is!(oneshot::Receiver<Moves, $storage>: Send + Sync + Unpin);

            is!(broadcast::Sender<Moves, $storage>: Send + Sync + Unpin + Clone);
            is!(broadcast::Receiver<Moves, $storage>: Send + Sync + Unpin);
            is!(broadcast::Recv<'static, Moves, $storage>: Send);
            is!(broadcast::Closed<'static, Moves, $storage>: Send);
            not!(broadcast::Closed<'static, Moves, $storage>: Unpin);
            not!(broadcast::Closed<'static, Stays, $storage>: Send);
            not!(broadcast::Recv<'static, Moves, $storage>: Unpin);

            not!(broadcast::Sender<Stays, $storage>: Send);
            not!(broadcast::Sender<Stays, $storage>: Sync);
            not!(broadcast::Receiver<Stays, $storage>: Send);
            not!(broadcast::Receiver<Stays, $storage>: Sync);
            not!(broadcast::Receiver<Moves, $storage>: Clone);
            not!(broadcast::Recv<'static, Stays, $storage>: Send);
            not!(mpsc::Sender<Stays, $storage>: Send);
            not!(mpsc::Sender<Stays, $storage>: Sync);
            not!(mpsc::Receiver<Stays, $storage>: Send);
            not!(mpsc::Receiver<Stays, $storage>: Sync);
            not!(mpsc::Permit<'static, Stays, $storage>: Send);
            not!(mpsc::Send<'static, Stays, $storage>: Send);
            not!(mpsc::Reserve<'static, Stays, $storage>: Send);
            not!(mpsc::Recv<'static, Stays, $storage>: Send);
            not!(oneshot::Sender<Stays, $storage>: Send);
            not!(oneshot::Sender<Stays, $storage>: Sync);
            not!(oneshot::Receiver<Stays, $storage>: Send);
            not!(oneshot::Receiver<Stays, $storage>: Sync);
        )*
    };
}

ends![Static, Inline<'static>];
#[cfg(feature = "alloc")]
ends![pintle_sync::storage::Heap];

is!(broadcast::Channel<Moves, 4>: Send + Sync + Unpin);
not!(broadcast::Channel<Stays, 4>: Send);
not!(broadcast::Channel<Stays, 4>: Sync);
is!(mpsc::Channel<Moves, 4>: Send + Sync + Unpin);
is!(oneshot::Channel<Moves>: Send + Sync + Unpin);
not!(mpsc::Channel<Stays, 4>: Send);
not!(mpsc::Channel<Stays, 4>: Sync);
not!(oneshot::Channel<Stays>: Send);
not!(oneshot::Channel<Stays>: Sync);

is!(AlreadySplit: Copy + Send + Sync + core::error::Error);
is!(mpsc::SendError<Moves>: Send + core::error::Error);
is!(mpsc::TrySendError<Moves>: Send + core::error::Error);
is!(mpsc::TryRecvError: Copy + Send + Sync + core::error::Error);
is!(broadcast::SendError<Moves>: Send + core::error::Error);
is!(broadcast::RecvError: Copy + Send + Sync + core::error::Error);
is!(broadcast::TryRecvError: Copy + Send + Sync + core::error::Error);
is!(oneshot::RecvError: Copy + Send + Sync + core::error::Error);
is!(oneshot::TryRecvError: Copy + Send + Sync + core::error::Error);

/// What is generic over the storage may say so.
fn one<S: Storage>(tx: &mpsc::Sender<u8, S, DefaultMutex>) -> bool {
    tx.try_send(1).is_ok()
}

#[test]
fn generic_over_the_storage() {
    let mut channel = mpsc::Channel::new();
    let (tx, mut rx): (mpsc::Sender<u8, Inline<'_>>, mpsc::Receiver<_, _, _>) = {
        let channel: &mut mpsc::Channel<u8, 1> = &mut channel;
        channel.split()
    };
    assert!(one(&tx));
    assert_eq!(rx.try_recv(), Ok(1));
}

/// Those of `watch`, whose value several receivers look at.
mod watch {
    use pintle_sync::watch::*;

    use super::{Inline, Moves, Static, Stays};

    /// `Send` and `Sync`.
    type Shared = u8;
    /// A borrow stays on its thread, whatever it borrows.
    type Borrow<'a> = Ref<'a, Shared>;

    macro_rules! ends {
        ($($storage:ty),* $(,)?) => {
            $(
                is!(Sender<Shared, $storage>: Send + Sync + Unpin + Clone);
                is!(Receiver<Shared, $storage>: Send + Sync + Unpin + Clone);
                is!(Closed<'static, Shared, $storage>: Send);
                not!(Closed<'static, Shared, $storage>: Unpin);

                not!(Sender<Moves, $storage>: Send);
                not!(Sender<Moves, $storage>: Sync);
                not!(Receiver<Moves, $storage>: Send);
                not!(Receiver<Moves, $storage>: Sync);
                not!(Closed<'static, Moves, $storage>: Send);
                not!(Sender<Stays, $storage>: Send);
                not!(Receiver<Stays, $storage>: Send);
            )*
        };
    }

    ends![Static, Inline<'static>];
    #[cfg(feature = "alloc")]
    ends![pintle_sync::storage::Heap];

    is!(Channel<Shared>: Send + Sync + Unpin);
    is!(Channel<Moves>: Send + Unpin);
    not!(Channel<Moves>: Sync);
    not!(Channel<Stays>: Send);
    is!(Changed<'static, Shared>: Send);
    not!(Changed<'static, Moves>: Send);
    not!(Changed<'static, Shared>: Unpin);
    is!(Borrow<'static>: Sync + Unpin);
    not!(Borrow<'static>: Send);
    not!(Ref<'static, Moves>: Sync);

    is!(SendError<Moves>: Send + core::error::Error);
    is!(RecvError: Copy + Send + Sync + core::error::Error);
}

#[cfg(feature = "alloc")]
const _: () = {
    is!(mpsc::WeakSender<Moves>: Send + Sync + Unpin + Clone);
    is!(mpsc::WeakUnboundedSender<Moves>: Send + Sync + Unpin + Clone);
    not!(mpsc::WeakSender<Stays>: Send);
    not!(mpsc::WeakUnboundedSender<Stays>: Send);
};

#[cfg(feature = "stream")]
const _: () = {
    is!(broadcast::BroadcastStream<Moves, Static>: Send);
    is!(pintle_sync::watch::WatchStream<u8, Static>: Send);
    not!(broadcast::BroadcastStream<Moves, Static>: Unpin);
    not!(pintle_sync::watch::WatchStream<u8, Static>: Unpin);
    not!(pintle_sync::watch::WatchStream<Moves, Static>: Send);
    not!(broadcast::BroadcastStream<Stays, Static>: Send);
    not!(pintle_sync::watch::WatchStream<Stays, Static>: Send);
};
