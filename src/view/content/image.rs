//! Images by their first bytes, and how large they are: a browser makes room for every pixel that a header promises, and a
//! kilobyte may promise gigabytes.

/// The most pixels that are drawn: a browser takes four bytes for each.
const MOST_PIXELS: u64 = 50_000_000;

/// An image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Image {
    /// What it is, in words.
    pub(super) words: &'static str,
    pub(super) media_type: &'static str,
    /// Width and height in pixels, where the header says them.
    pub(super) size: Option<(u32, u32)>,
}

impl Image {
    /// The image that the bytes are, if they are one of a kind that every browser draws. Vector drawings are none: a small
    /// one may take for ever.
    pub(super) fn of(bytes: &[u8]) -> Option<Image> {
        let (words, media_type, size) = match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => {
                ("a PNG image", "image/png", png(bytes))
            }
            [0xff, 0xd8, 0xff, ..] => ("a JPEG image", "image/jpeg", jpeg(bytes)),
            [b'G', b'I', b'F', b'8', ..] => ("a GIF image", "image/gif", gif(bytes)),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
                ("a WebP image", "image/webp", webp(bytes))
            }
            _ => return None,
        };
        Some(Image { words, media_type, size: size.filter(|(width, height)| *width > 0 && *height > 0) })
    }

    /// Whether it is drawn.
    pub(super) fn is_drawn(&self) -> bool {
        self.size.is_some_and(|(width, height)| u64::from(width) * u64::from(height) <= MOST_PIXELS)
    }
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let number = bytes.get(at..at.checked_add(length)?)?;
    Some(number.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let number = bytes.get(at..at.checked_add(length)?)?;
    Some(number.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// PNG, section 11.2.2, "IHDR".
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let begins = bytes.get(12..16)? == b"IHDR";
    begins.then(|| Some((big(bytes, 16, 4)?, big(bytes, 20, 4)?)))?
}

/// GIF89a, "Logical Screen Descriptor".
fn gif(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((little(bytes, 6, 2)?, little(bytes, 8, 2)?))
}

/// ITU T.81, B.2.2, "Frame header": one of the segments, each with its length.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let marker = big(bytes, at, 2)?;
        match marker {
            // What fills up.
            0xffff => at += 1,
            0xffc4 | 0xffc8 | 0xffcc => at += 2 + big(bytes, at + 2, 2)? as usize,
            0xffc0..=0xffcf => return Some((big(bytes, at + 7, 2)?, big(bytes, at + 5, 2)?)),
            0xff01 | 0xffd0..=0xffd8 => at += 2,
            0xff00.. => at += 2 + big(bytes, at + 2, 2)? as usize,
            _ => return None,
        }
    }
}

/// RFC 9649, section 2.4 and following, of all three forms.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)),
        b"VP8L" => {
            let sizes = little(bytes, 21, 4)?;
            Some(((sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(begin: &[u8], rest: &[u8]) -> (Option<(u32, u32)>, bool) {
        let image = Image::of(&[begin, rest].concat()).unwrap();
        (image.size, image.is_drawn())
    }

    #[test]
    fn sizes_are_read_from_headers() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(of(png, &[0, 0, 1, 2, 0, 0, 0, 3]), (Some((258, 3)), true));
        assert_eq!(of(png, &[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]), (Some((30_000, 30_000)), false));
        assert_eq!(of(png, &[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]).1, false);
        assert_eq!(of(png, &[0, 0, 0, 0, 0, 0, 0, 3]), (None, false), "no width");
        assert_eq!(of(png, &[0, 0, 0]), (None, false), "cut short");
        assert_eq!(of(b"GIF89a", &[2, 1, 3, 0]), (Some((258, 3)), true));
        assert_eq!(of(b"GIF89a", &[0xff; 4]), (Some((65_535, 65_535)), false));
        let app = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc4, 0, 2];
        assert_eq!(of(&app, &[0xff, 0xc2, 0, 11, 8, 0, 3, 1, 2]), (Some((258, 3)), true));
        assert_eq!(
            of(&app, &[0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff]),
            (Some((65_535, 65_535)), false)
        );
        assert_eq!(of(&app, &[0, 0]), (None, false), "no marker");
        assert_eq!(of(&app, &[0xff, 0xe1, 0xff, 0xff]), (None, false), "a segment beyond the end");
        let webp = b"RIFF\0\0\0\0WEBP";
        assert_eq!(of(webp, b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x02\x01\x03\x00"), (Some((258, 3)), true));
        assert_eq!(of(webp, b"VP8L\0\0\0\0\x2f\x01\x81\x00\x00"), (Some((258, 3)), true));
        assert_eq!(of(webp, b"VP8X\0\0\0\0\0\0\0\0\x01\x01\x00\x02\x00\x00"), (Some((258, 3)), true));
        assert_eq!(
            of(webp, &[b"VP8X".as_slice(), &[0; 8], &[0xff; 6]].concat()),
            (Some((1 << 24, 1 << 24)), false)
        );
        assert_eq!(of(webp, b"ALPH"), (None, false));
        assert_eq!(Image::of(b"<svg/>"), None);
    }
}
