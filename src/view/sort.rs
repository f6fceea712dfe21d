//! The order of the requests: as they were sent, or by a column.

use super::requests::Rows;
use super::waterfall::total;

/// What to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Whether the last comes first.
    pub descending: bool,
}

/// A column that can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// The number: the order in which the requests were sent.
    #[default]
    Number,
    /// What they are for.
    Purpose,
    /// How they came out.
    Status,
    /// The verdict on what they brought.
    Verdict,
    /// How much came.
    Size,
    /// How long they took.
    Time,
}

impl Column {
    /// The column of a name, as the markup has it.
    pub fn parse(name: &str) -> Option<Column> {
        Some(match name {
            "number" => Column::Number,
            "purpose" => Column::Purpose,
            "status" => Column::Status,
            "verdict" => Column::Verdict,
            "size" => Column::Size,
            "time" => Column::Time,
            _ => return None,
        })
    }
}

impl Sort {
    /// The order after a column's name was pressed: numbers of all kinds begin with the largest, and a second press
    /// turns the order round.
    pub fn pressed(self, column: Column) -> Sort {
        let largest_first = matches!(column, Column::Size | Column::Time);
        let descending = if self.column == column { !self.descending } else { largest_first };
        Sort { column, descending }
    }

    /// What `aria-sort` says of a column.
    pub fn aria(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// Puts entries in order. Those that are alike stay as they were sent.
    pub(super) fn order(self, rows: &Rows<'_>, ids: Vec<usize>) -> Vec<usize> {
        let key = |id: &usize| {
            let entry = rows.scene().trace.entries.get(*id);
            let row = || rows.row(*id);
            let key = match self.column {
                Column::Number => *id as u64,
                Column::Purpose => row().map_or(0, |row| of_text(row.role)),
                Column::Status => row().map_or(0, |row| of_text(&row.status)),
                Column::Verdict => row().and_then(|row| row.badge).map_or(0, |badge| of_text(&badge.word)),
                Column::Size => entry.map_or(0, |entry| entry.read),
                Column::Time => entry.and_then(|entry| total(&entry.timings)).map_or(0, of_time),
            };
            if self.descending { !key } else { key }
        };
        let keys = ids.iter().map(key).collect();
        sorted(keys).into_iter().filter_map(|at| ids.get(at).copied()).collect()
    }
}

/// The places of keys in the order of the keys; equal ones stay in their own order.
pub(super) fn sorted(keys: Vec<u64>) -> Vec<usize> {
    let mut keys: Vec<(u64, usize)> = keys.into_iter().enumerate().map(|(at, key)| (key, at)).collect();
    // One kind of key for all that is put in order: each kind of its own would weigh 4 kB in the page.
    keys.sort_unstable();
    keys.into_iter().map(|(_, at)| at).collect()
}

/// A time that is not negative, in an order of its own; a time that is not known is before all.
pub(super) fn of_time(milliseconds: f64) -> u64 {
    milliseconds.max(0.0).to_bits().saturating_add(1)
}

/// A word, by its first letters.
fn of_text(text: &str) -> u64 {
    text.bytes().chain(std::iter::repeat(0)).take(8).fold(0, |key, byte| key << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::http::Timings;
    use crate::trace::{Role, State, Trace};
    use crate::view::filter::Filter;
    use crate::view::samples::{entry, head, scene};

    #[test]
    fn columns_order_the_rows() {
        let request = |role, status, read, wait| {
            let mut entry = entry(role, "https://r.example/v2/");
            (entry.state, entry.read) = (State::Done(head(Some(status), &[])), read);
            entry.timings = Timings { started: Some(0.0), wait, receive: None };
            entry
        };
        let trace = Trace {
            entries: vec![
                request(Role::Tag, 404, 10, Some(3.0)),
                request(Role::Config, 200, 30, None),
                request(Role::Tag, 200, 20, Some(5.0)),
            ],
        };
        let graph = Graph::default();
        let scene = scene(&graph, &trace);
        let rows = Rows::of(&scene);
        for (column, first, second) in [
            (Column::Purpose, [1, 0, 2], [0, 2, 1]),
            (Column::Status, [1, 2, 0], [0, 1, 2]),
            (Column::Size, [1, 2, 0], [0, 2, 1]),
            (Column::Time, [2, 0, 1], [1, 0, 2]),
        ] {
            let mut sort = Sort::default();
            for expected in [first, second] {
                sort = sort.pressed(column);
                assert_eq!(rows.found(&Filter::default(), sort), expected, "{column:?}");
            }
            assert_ne!(sort.aria(column), "none");
            assert_eq!(sort.aria(Column::Verdict), "none");
        }
        assert_eq!(Column::parse("size"), Some(Column::Size));
        assert_eq!(Column::parse("colour"), None);
    }
}
