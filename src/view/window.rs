//! Which rows of a long list are drawn: those that can be seen, and some beside them.

use std::ops::Range;

/// Up to so many rows, all are drawn.
pub const MANY: usize = 80;

/// So many rows are drawn beyond each end of what is seen, for the next turn of the wheel.
const BESIDE: usize = 15;

/// The rows to draw of `count`, each `row` pixels high, in a box that shows `height` pixels from `top` on.
pub fn window(count: usize, top: i32, height: i32, row: i32) -> Range<usize> {
    if count <= MANY {
        return 0..count;
    }
    let rows = |pixels: i32| usize::try_from(pixels.max(0) / row.max(1)).unwrap_or_default();
    // A box that is not laid out yet has no height.
    let seen = rows(height.max(600)) + 1;
    let first = rows(top).saturating_sub(BESIDE).min(count.saturating_sub(seen));
    first..(rows(top) + seen + BESIDE).clamp(first, count)
}

/// Where a box must be scrolled to for a row to stand in its middle.
pub fn middle(place: usize, height: i32, row: i32) -> i32 {
    let top = i64::try_from(place).unwrap_or(i64::MAX).saturating_mul(i64::from(row));
    i32::try_from(top.saturating_sub(i64::from(height / 2)).max(0)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_all_drawn_and_of_many_those_that_are_seen() {
        for (count, top, height, row, expected) in [
            (0, 0, 600, 50, 0..0),
            (MANY, 9_999, 600, 50, 0..MANY),
            (10_000, 0, 600, 50, 0..28),
            (10_000, 5_000, 600, 50, 85..128),
            (10_000, 499_400, 600, 50, 9_973..10_000),
            (10_000, i32::MAX, 600, 50, 9_987..10_000),
            (10_000, -5, 0, 0, 0..616),
        ] {
            assert_eq!(window(count, top, height, row), expected, "{count} {top} {height} {row}");
        }
    }

    #[test]
    fn any_row_can_be_brought_to_the_middle() {
        for place in [0, 7, 5_000, 9_999] {
            let window = window(10_000, middle(place, 600, 50), 600, 50);
            assert!(window.contains(&place), "{place}: {window:?}");
        }
        assert_eq!(middle(usize::MAX, 600, 50), i32::MAX);
    }
}
