//! Criterion over the registry: `cargo bench -p pintle-bench [-- filter]`.
//!
//! Quick by default; with `PINTLE_FULL=1` each contender is measured as long as criterion likes.

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default();
    if !pintle_core::model::full() {
        criterion = criterion
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(500))
            .sample_size(11);
    }
    let mut criterion = criterion.configure_from_args();

    for op in pintle_bench::ops() {
        let mut group = criterion.benchmark_group(op.name);
        for contender in op.contenders {
            group.bench_function(contender.name, |bencher| {
                // Set-up is once per sample, whatever the number of operations in it.
                bencher.iter_custom(|n| {
                    let done = usize::try_from(n)
                        .unwrap_or(usize::MAX / 2)
                        .next_multiple_of(contender.batch);
                    contender.time(done).mul_f64(n as f64 / done as f64)
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
