//! The part of tokio-console that listens.

use std::{collections::HashMap, net::SocketAddr};

use console_api::{
    field::{Name, Value},
    instrument::{InstrumentRequest, Update, instrument_client::InstrumentClient},
    tasks::{Stats, Task, TaskUpdate},
};
use tokio::runtime::Runtime;
use tonic::Streaming;

/// A connection to a console's server, and what was heard so far.
pub(crate) struct Client {
    runtime: Runtime,
    updates: Streaming<Update>,
    tasks: HashMap<u64, Seen>,
    lost: u64,
}

/// What the console knows of a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) task_id: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) polls: u64,
    pub(crate) wakes: u64,
    pub(crate) self_wakes: u64,
    pub(crate) clones: u64,
    pub(crate) drops: u64,
    is_over: bool,
}

// === impl Client ===

impl Client {
    /// No task is told of that does not come within as many updates.
    const PATIENCE: usize = 1000;

    pub(crate) fn connect(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let updates = runtime.block_on(async {
            let client = InstrumentClient::connect(format!("http://{address}")).await;
            let updates = client.unwrap().watch_updates(InstrumentRequest {}).await;
            updates.unwrap().into_inner()
        });
        Self {
            runtime,
            updates,
            tasks: HashMap::new(),
            lost: 0,
        }
    }

    /// Listens until the task of that name is as it should be.
    pub(crate) fn see(&mut self, name: &str, is_there: impl Fn(&Seen) -> bool) -> Seen {
        for _ in 0..Self::PATIENCE {
            let mut named = self.tasks.values().filter(|seen| seen.name == name);
            if let Some(seen) = named.next().filter(|seen| is_there(seen)) {
                return seen.clone();
            }
            let update = self.runtime.block_on(self.updates.message()).unwrap();
            let update = update.expect("the server goes on").task_update;
            self.hear(update.unwrap_or_default());
        }
        panic!("{name} did not come to be as it should: {:#?}", self.tasks);
    }

    /// How many events the server had no room for.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    fn hear(&mut self, update: TaskUpdate) {
        self.lost += update.dropped_events;
        for task in update.new_tasks {
            let id = task.id.expect("tasks have a span").id;
            self.tasks.entry(id).or_default().describe(task);
        }
        for (id, stats) in update.stats_update {
            self.tasks.entry(id).or_default().count(stats);
        }
    }
}

// === impl Seen ===

impl Seen {
    /// Whether its span is closed.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    fn describe(&mut self, task: Task) {
        if let Some(location) = task.location {
            self.file = location.file.unwrap_or_default();
            self.line = location.line.unwrap_or_default();
        }
        for field in task.fields {
            let value = match field.value {
                Some(Value::StrVal(value)) => value,
                Some(Value::U64Val(value)) => value.to_string(),
                other => panic!("{other:?}"),
            };
            match field.name {
                Some(Name::StrName(name)) if name == "task.name" => self.name = value,
                Some(Name::StrName(name)) if name == "kind" => self.kind = value,
                Some(Name::StrName(name)) if name == "task.id" => self.task_id = value,
                Some(Name::StrName(name)) if name == "size.bytes" => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn count(&mut self, stats: Stats) {
        self.polls = stats.poll_stats.map_or(0, |stats| stats.polls);
        self.wakes = stats.wakes;
        self.self_wakes = stats.self_wakes;
        self.clones = stats.waker_clones;
        self.drops = stats.waker_drops;
        self.is_over = stats.dropped_at.is_some();
    }
}
