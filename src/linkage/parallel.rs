//! Work on all processors whose result does not depend on how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// `work(0)` to `work(count - 1)`, in this order in the result, on as many threads as there are processors.
pub fn parallel<T: Send>(count: usize, work: &(impl Fn(usize) -> T + Sync)) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count);
    if threads < 2 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, work(index)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(share)).collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Slices of at most `size` items, each given to `work` on some thread; the results in order.
pub fn chunks<I: Sync, T: Send>(items: &[I], size: usize, work: &(impl Fn(&[I]) -> T + Sync)) -> Vec<T> {
    let parts: Vec<&[I]> = items.chunks(size.max(1)).collect();
    parallel(parts.len(), &|index| work(parts.get(index).copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        assert_eq!(parallel(100, &|n| n * 2), (0..100).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(chunks(&[1, 2, 3, 4, 5], 2, &|part: &[i32]| part.iter().sum::<i32>()), [3, 7, 5]);
        assert!(parallel(0, &|n| n).is_empty());
    }
}
