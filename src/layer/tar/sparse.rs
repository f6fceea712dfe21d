//! Where the parts of a sparse file belong: its map, in a pax header or before its bytes. GNU tar's manual, "Storing Sparse
//! Files". A map that does not fit the file is refused, as Go refuses it.

use super::numbers::decimal;

/// A map as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// How many parts it has, once that was read.
    parts: Option<i64>,
    /// How many numbers were read since.
    numbers: i64,
    /// Where the next part may begin at the earliest, and where the present one begins.
    end: i64,
    begin: i64,
    /// How many bytes all parts have.
    bytes: i64,
    /// The digits of a number that is not at its end.
    digits: String,
}

/// No number of a map is longer, save for zeros.
const MOST_DIGITS: usize = 20;

impl Map {
    /// Whether all of it is there.
    pub(super) fn is_whole(&self) -> bool {
        self.parts.is_some_and(|parts| self.numbers >= parts.saturating_mul(2))
    }

    /// Takes one block of a map that stands before the bytes of its file: a number on each line, the first of them how many
    /// parts follow.
    pub(super) fn take(&mut self, block: &[u8]) -> Result<(), String> {
        for byte in block {
            if self.is_whole() {
                break;
            }
            match byte {
                b'\n' => {
                    let number = std::mem::take(&mut self.digits);
                    match self.parts {
                        None => self.parts = Some(count(&number)?),
                        Some(_) => self.number(&number)?,
                    }
                }
                // Zeros that begin a number say nothing.
                b'0' if self.digits.ends_with('0') && !self.digits.contains(|c: char| c > '0') => {}
                byte if self.digits.len() < MOST_DIGITS => self.digits.push(char::from(*byte)),
                _ => return Err(wrong()),
            }
        }
        Ok(())
    }

    fn number(&mut self, text: &str) -> Result<(), String> {
        let number = decimal(text).filter(|number| *number >= 0).ok_or_else(wrong)?;
        if self.numbers % 2 == 0 {
            if number < self.end {
                return Err(wrong());
            }
            self.begin = number;
        } else {
            self.end = self.begin.checked_add(number).ok_or_else(wrong)?;
            self.bytes += number;
        }
        self.numbers += 1;
        Ok(())
    }

    /// Holds it against the length of the file, with its holes, and against how many bytes of it are there.
    pub(super) fn check(&self, size: i64, stored: u64) -> Result<(), String> {
        if size < 0 || self.end > size {
            return Err("a sparse file has parts beyond its end".to_owned());
        }
        if self.bytes.cast_unsigned() != stored {
            let parts = self.bytes;
            return Err(format!("the parts of a sparse file come to {parts} bytes, and it has {stored}"));
        }
        Ok(())
    }
}

/// A map in a pax header: numbers between commas.
pub(super) fn in_header(parts: &str, numbers: &str) -> Result<Map, String> {
    let mut map = Map { parts: Some(count(parts)?), ..Map::default() };
    for number in numbers.split(',').filter(|_| !numbers.is_empty()) {
        map.number(number)?;
    }
    if map.parts.and_then(|parts| parts.checked_mul(2)) == Some(map.numbers) { Ok(map) } else { Err(wrong()) }
}

fn count(text: &str) -> Result<i64, String> {
    decimal(text).filter(|count| (0..=i64::MAX / 2).contains(count)).ok_or_else(wrong)
}

fn wrong() -> String {
    "the map of a sparse file is no such map".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before_the_bytes(map: &str) -> Result<Map, String> {
        let mut read = Map::default();
        read.take(map.as_bytes())?;
        Ok(read)
    }

    #[test]
    fn a_map_says_where_parts_are_and_how_long_in_either_form() {
        let map = before_the_bytes("2\n10\n5\n0020\n0000000000000000000000000007\n\0\0").unwrap();
        assert!(map.is_whole());
        assert_eq!(
            map,
            Map { parts: Some(2), numbers: 4, end: 27, begin: 20, bytes: 12, digits: String::new() }
        );
        assert_eq!(in_header("2", "10,5,20,7"), Ok(map.clone()));
        for (size, stored, holds) in [(27, 12, true), (26, 12, false), (27, 13, false), (-1, 12, false)] {
            assert_eq!(map.check(size, stored).is_ok(), holds, "{size} {stored}");
        }
        assert_eq!(in_header("0", "").map(|map| map.check(5, 0)), Ok(Ok(())));
        assert!(!before_the_bytes("1\n0\n").unwrap().is_whole());
        assert!(before_the_bytes("0\n").unwrap().is_whole());
    }

    #[test]
    fn a_map_that_is_none_is_refused() {
        for map in [
            "x\n",
            "-1\n",
            "\n",
            "1\n-1\n5\n",
            "1\n5\n-1\n",
            "2\n10\n5\n14\n1\n",
            "1\n9223372036854775807\n1\n",
        ] {
            assert!(before_the_bytes(map).is_err(), "{map:?}");
        }
        assert!(before_the_bytes(&"7".repeat(512)).is_err());
        for (parts, map) in [
            ("", ""),
            ("1", ""),
            ("1", "1"),
            ("1", "1,2,3,4"),
            ("2", "5,1,0,1"),
            ("9223372036854775807", "0,0"),
        ] {
            assert!(in_header(parts, map).is_err(), "{parts} {map}");
        }
    }
}
