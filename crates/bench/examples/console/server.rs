//! What tokio-console connects to.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread::{self, JoinHandle},
    time::Duration,
};

use console_subscriber::{ConsoleLayer, ServerParts};
use tokio::sync::oneshot;
use tonic::transport::server::TcpIncoming;
use tracing::{Level, subscriber};
use tracing_subscriber::{
    filter::Targets,
    layer::{Layer, SubscriberExt},
    registry,
};

/// Serves what tasks tell to whoever connects, on a free port of this machine, from a thread of its own.
/// Dropping it ends that.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

// === impl Server ===

impl Server {
    /// Subscribes to the tasks of the whole process, and serves them with news `every` so often.
    pub(crate) fn start(every: Duration) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (layer, server) = ConsoleLayer::builder().publish_interval(every).build();
        // What tonic and its friends tell of themselves is not asked for.
        let tasks = Targets::new().with_target("tokio::task", Level::TRACE);
        let subscriber = registry().with(layer.with_filter(tasks));
        subscriber::set_global_default(subscriber)?;

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let ServerParts {
                instrument_server,
                aggregator,
                ..
            } = server.into_parts();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let incoming = TcpIncoming::from(listener.expect("a runtime with io"));
                tokio::spawn(aggregator.run());
                let server = tonic::transport::Server::builder().add_service(instrument_server);
                tokio::select! {
                    served = server.serve_with_incoming(incoming) => served.expect("it serves"),
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where to connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
