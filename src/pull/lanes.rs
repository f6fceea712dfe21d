//! Several futures at a time, in one task: each lane takes the next item when it is done with one.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A lane while it runs.
type Lane<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + 'a>>;

/// Up to so many bytes, a blob is small: asking for it takes longer than reading it.
const SMALL: u64 = 256 << 10;

/// So many small items go together, if there are enough for all lanes.
const TOGETHER: usize = 8;

/// Puts items together that are small, in their order, so that no lane waits for each of them alone; the others stay alone.
pub(super) fn batches<I>(items: Vec<I>, lanes: usize, size: impl Fn(&I) -> u64) -> Vec<Vec<I>> {
    let is_small = |item: &I| lanes > 1 && size(item) <= SMALL;
    let small = items.iter().filter(|item| is_small(item)).count();
    let together = (small / lanes.max(1)).clamp(1, TOGETHER);
    let mut batches: Vec<Vec<I>> = Vec::new();
    let mut has_room = false;
    for item in items {
        let is_small = is_small(&item);
        match batches.last_mut().filter(|batch| has_room && is_small && batch.len() < together) {
            Some(batch) => batch.push(item),
            None => batches.push(vec![item]),
        }
        has_room = is_small;
    }
    batches
}

/// Calls `run` for each item, up to `lanes` batches at a time, in their order; those of a batch all at once. Ends with the
/// first error, and drops what still runs then.
pub(super) async fn in_lanes<I, E, F>(
    lanes: usize,
    batches: Vec<Vec<I>>,
    run: impl Fn(I) -> F,
) -> Result<(), E>
where
    F: Future<Output = Result<(), E>>,
{
    let lanes = lanes.clamp(1, batches.len().max(1));
    let queue = RefCell::new(batches.into_iter());
    let lane = || async {
        loop {
            // In a statement of its own: the borrow must end before the batch is waited for.
            let next = queue.borrow_mut().next();
            let Some(batch) = next else { return Ok(()) };
            all(batch.into_iter().map(&run)).await?;
        }
    };
    all((0..lanes).map(|_| lane())).await
}

/// Runs futures side by side until all have ended, or one with an error.
async fn all<'a, E>(
    futures: impl Iterator<Item = impl Future<Output = Result<(), E>> + 'a>,
) -> Result<(), E> {
    let mut open: Vec<Lane<'_, E>> = Vec::new();
    open.extend(futures.map(|future| Box::pin(future) as Lane<'_, E>));
    poll_fn(move |context| {
        let mut failed = None;
        open.retain_mut(|lane| match lane.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(ended) => {
                failed = failed.take().or(ended.err());
                false
            }
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if open.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await
}

// wasm-pack compiles unit tests as well, without what only the host has.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Lets others go first once.
    async fn turn() {
        let mut waited = false;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn run(lanes: usize, items: Vec<u32>) -> (Vec<u32>, usize, Result<(), u32>) {
        run_batches(lanes, items.into_iter().map(|item| vec![item]).collect())
    }

    fn run_batches(lanes: usize, items: Vec<Vec<u32>>) -> (Vec<u32>, usize, Result<(), u32>) {
        let (begun, running, most) = (RefCell::new(Vec::new()), Cell::new(0_usize), Cell::new(0));
        let ended = pollster::block_on(in_lanes(lanes, items, |item| {
            let (begun, running, most) = (&begun, &running, &most);
            async move {
                begun.borrow_mut().push(item);
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                for _ in 0..item % 3 {
                    turn().await;
                }
                running.set(running.get() - 1);
                if item == 13 { Err(item) } else { Ok(()) }
            }
        }));
        (begun.into_inner(), most.get(), ended)
    }

    #[test]
    fn items_are_begun_in_order_and_no_more_than_allowed_at_a_time() {
        assert_eq!(run(1, vec![2, 1, 4]), (vec![2, 1, 4], 1, Ok(())));
        let (begun, most, ended) = run(3, (0..10).collect());
        assert_eq!((begun, most, ended), ((0..10).collect(), 3, Ok(())));
        assert_eq!(run(8, vec![1, 2]).1, 2, "never more lanes than items");
        assert_eq!(run(0, vec![]), (vec![], 0, Ok(())));
    }

    #[test]
    fn the_first_error_ends_it() {
        let (begun, _, ended) = run(2, vec![1, 13, 2, 2, 2]);
        assert_eq!(ended, Err(13));
        assert!(begun.len() < 5, "{begun:?}");
    }

    #[test]
    fn a_batch_is_begun_at_once() {
        let (begun, most, ended) = run_batches(2, vec![vec![2], vec![1, 1, 1], vec![4, 4]]);
        assert_eq!((begun, most, ended), (vec![2, 1, 1, 1, 4, 4], 4, Ok(())));
    }

    #[test]
    fn small_items_go_together_unless_lanes_would_stand_empty() {
        let sizes = |lanes, items: &[u64]| -> Vec<usize> {
            batches(items.to_vec(), lanes, |size| *size).iter().map(Vec::len).collect()
        };
        let (large, small) = (SMALL + 1, SMALL);
        assert_eq!(sizes(2, &[]), [0; 0]);
        assert_eq!(sizes(2, &[large, large, small]), [1, 1, 1]);
        assert_eq!(sizes(2, &[large, small, 1, 1, 1]), [1, 2, 2]);
        assert_eq!(sizes(2, &[small, large, 1, 1, 1]), [1, 1, 2, 1], "in their order");
        assert_eq!(sizes(4, &[1; 40]), [8; 5]);
        assert_eq!(sizes(1, &[1; 3]), [1; 3], "one at a time is one at a time");
    }
}
