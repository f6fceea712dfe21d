//! Bytes that are no text: their place, their values, and those that are letters.

/// How many bytes a line has.
const LINE: usize = 16;

/// A hex view, a line for each 16 bytes: `00000000  1f 8b 08 00 …  |....|`.
pub fn dump(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).map_or('?', |digit| char::from(*digit));
    let mut text = String::with_capacity(bytes.len() * 5);
    for (number, line) in bytes.chunks(LINE).enumerate() {
        let place = number * LINE;
        text.extend((0..8).rev().map(|at| digit((place >> (at * 4)) as u8)));
        text.push(' ');
        for at in 0..LINE {
            if at % 8 == 0 {
                text.push(' ');
            }
            match line.get(at) {
                Some(byte) => text.extend([digit(byte >> 4), digit(*byte), ' ']),
                None => text.push_str("   "),
            }
        }
        text.push_str(" |");
        let shown = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
        text.extend(line.iter().map(shown));
        text.push_str("|\n");
    }
    text
}

/// Whether a text is such a view, and so has columns: what else begins like one loses nothing by being shown as one.
pub fn is_dump(text: &str) -> bool {
    text.starts_with("00000000  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_sixteen() {
        let bytes: Vec<u8> = (0..18).map(|at| at * 15).collect();
        let expected = "00000000  00 0f 1e 2d 3c 4b 5a 69  78 87 96 a5 b4 c3 d2 e1  |...-<KZix.......|\n\
                        00000010  f0 ff                                             |..|\n";
        assert_eq!(dump(&bytes), expected);
        assert_eq!(dump(&[]), "");
        assert!(is_dump(expected) && !is_dump("{\"a\": 1}"));
        assert!(
            dump(&[0; 5000])
                .ends_with("00001380  00 00 00 00 00 00 00 00                           |........|\n")
        );
    }
}
