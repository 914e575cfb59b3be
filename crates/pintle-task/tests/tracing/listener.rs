//! One who subscribes, and writes down what is said.

use std::{
    fmt::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{Interest, with_default},
};

/// Writes down what is said, and does something each time.
struct Listener<F> {
    said: Arc<Mutex<Vec<String>>>,
    spans: AtomicU64,
    then: F,
}

/// What is said while `f` runs. `then` is told each line, when it is said.
pub(crate) fn listen(then: impl Fn(&str) + Send + Sync + 'static, f: impl FnOnce()) -> Vec<String> {
    let said = Arc::<Mutex<Vec<String>>>::default();
    let listener = Listener {
        said: said.clone(),
        spans: AtomicU64::new(1),
        then,
    };
    with_default(listener, f);
    let mut said = said.lock().unwrap();
    std::mem::take(&mut *said)
}

pub(crate) fn nothing(_: &str) {}

/// Fields in the order in which they come.
#[derive(Default)]
struct Fields {
    line: String,
    op: Option<String>,
    task: Option<u64>,
}

// === impl Fields ===

impl Fields {
    fn push(&mut self, field: &Field, value: &dyn fmt::Display) {
        write!(self.line, " {field}={value}").unwrap();
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        panic!("{field} is {value:?}, neither a number nor a text");
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "task.id" {
            self.task = Some(value);
        }
        self.push(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "op" {
            self.op = Some(value.to_owned());
        }
        self.push(field, &value);
    }
}

// === impl Listener ===

impl<F: Fn(&str)> Listener<F> {
    fn say(&self, line: String) {
        self.said.lock().unwrap().push(line.clone());
        (self.then)(&line);
    }
}

impl<F: Fn(&str) + Send + Sync + 'static> Subscriber for Listener<F> {
    // Each time anew: another test, on another thread, may have another listener.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tokio::task")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let metadata = span.metadata();
        assert_eq!(*metadata.level(), Level::TRACE);
        assert_eq!(metadata.target(), "tokio::task");
        assert_eq!(metadata.name(), "runtime.spawn");
        assert!(span.is_root());
        let mut fields = Fields::default();
        span.record(&mut fields);
        let id = self.spans.fetch_add(1, Relaxed);
        self.say(format!("spawn {id}{}", fields.line));
        span::Id::from_u64(id)
    }

    fn event(&self, event: &Event<'_>) {
        assert_eq!(*event.metadata().level(), Level::TRACE);
        assert_eq!(event.metadata().target(), "tokio::task::waker");
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (op, task) = fields.op.zip(fields.task).expect("waker and task");
        self.say(format!("{op} {task}"));
    }

    fn enter(&self, span: &span::Id) {
        self.say(format!("enter {}", span.into_u64()));
    }

    fn exit(&self, span: &span::Id) {
        self.say(format!("exit {}", span.into_u64()));
    }

    fn try_close(&self, span: span::Id) -> bool {
        self.say(format!("close {}", span.into_u64()));
        true
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
}
