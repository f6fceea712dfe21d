//! A directory as areas: each file and directory in it as large as it is. Squarified, after Bruls, Huizing and van Wijk.

use super::Files;
use crate::layer::FileId;

/// An area, in thousandths of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it stands for; `None` for all that is too small to be seen.
    pub id: Option<FileId>,
    /// The left side.
    pub x: f64,
    /// The upper side.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
    /// What is in it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it can be gone into.
    pub is_directory: bool,
}

/// So many areas at most: smaller ones are put together.
const MOST: usize = 60;

/// A whole of so many thousandths on each side; `wide` tells how many times wider than high it will be drawn.
pub fn tiles(files: &Files, directory: FileId, wide: f64) -> Vec<Tile> {
    let merged = files.merged();
    let children = merged.get(directory).map(|file| file.children.as_slice()).unwrap_or_default();
    let sized = |id: &FileId| {
        let file = merged.get(*id).filter(|file| file.is_there() && file.size > 0)?;
        Some((Some(*id), file.name.clone(), file.size, file.is_directory()))
    };
    let sum = |items: &[(_, _, u64, _)]| items.iter().fold(0_u64, |sum, item| sum.saturating_add(item.2));
    let mut items: Vec<(Option<FileId>, String, u64, bool)> = children.iter().filter_map(sized).collect();
    items.sort_by_key(|(_, _, size, _)| std::cmp::Reverse(*size));
    if items.len() > MOST {
        let rest = items.split_off(MOST - 1);
        let size = sum(&rest);
        items.push((None, format!("{} smaller ones", rest.len()), size, false));
    }
    let total = sum(&items);
    if total == 0 {
        return Vec::new();
    }
    // Drawn in a box that is `wide` wide and 1 high, then stretched.
    let areas: Vec<f64> = items.iter().map(|(_, _, size, _)| *size as f64 / total as f64 * wide).collect();
    let boxes = squarify(&areas, wide);
    let tile = |((id, name, size, is_directory), [x, y, width, height]): (_, [f64; 4])| Tile {
        id,
        x: x / wide * 1000.0,
        y: y * 1000.0,
        width: width / wide * 1000.0,
        height: height * 1000.0,
        name,
        size,
        is_directory,
    };
    items.into_iter().zip(boxes).map(tile).collect()
}

/// Fills a box of this width, 1 high, with areas in falling order: rows along the shorter side, each as long as that makes
/// its areas squarer.
fn squarify(areas: &[f64], width: f64) -> Vec<[f64; 4]> {
    let (mut boxes, mut free, mut rest) = (Vec::new(), [0.0, 0.0, width, 1.0], areas);
    while !rest.is_empty() {
        let [x, y, width, height] = free;
        let side = if width < height { width } else { height };
        let mut count = 1;
        while count < rest.len() && worst(rest.get(..count + 1), side) <= worst(rest.get(..count), side) {
            count += 1;
        }
        let (row, later) = rest.split_at(count);
        let sum: f64 = row.iter().sum();
        let depth = if side > 0.0 { sum / side } else { 0.0 };
        let mut along = 0.0;
        for area in row {
            let length = if depth > 0.0 { area / depth } else { 0.0 };
            boxes.push(if width < height {
                [x + along, y, length, depth]
            } else {
                [x, y + along, depth, length]
            });
            along += length;
        }
        free = if width < height {
            [x, y + depth, width, height - depth]
        } else {
            [x + depth, y, width - depth, height]
        };
        rest = later;
    }
    boxes
}

/// How far from square the worst area of a row is.
fn worst(row: Option<&[f64]>, side: f64) -> f64 {
    let row = row.unwrap_or_default();
    let sum: f64 = row.iter().sum();
    let (largest, smallest) =
        (row.first().copied().unwrap_or_default(), row.last().copied().unwrap_or_default());
    if sum <= 0.0 || smallest <= 0.0 {
        return f64::MAX;
    }
    let (a, b) = (side * side * largest / (sum * sum), sum * sum / (side * side * smallest));
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_fill_the_whole_and_none_lies_on_another() {
        let areas = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0].map(|area: f64| area / 24.0 * 1.5);
        let boxes = squarify(&areas, 1.5);
        for ([x, y, width, height], area) in boxes.iter().zip(areas) {
            assert!((width * height - area).abs() < 1e-9);
            assert!(*x >= -1e-9 && x + width <= 1.5 + 1e-9 && *y >= -1e-9 && y + height <= 1.0 + 1e-9);
            let ratio = width / height;
            assert!((0.25..4.0).contains(&ratio), "nearly square: {ratio}");
        }
        let apart = |[ax, ay, aw, ah]: &[f64; 4], [bx, by, bw, bh]: &[f64; 4]| {
            ax + aw <= bx + 1e-9 || bx + bw <= ax + 1e-9 || ay + ah <= by + 1e-9 || by + bh <= ay + 1e-9
        };
        for (at, a) in boxes.iter().enumerate() {
            assert!(boxes.iter().skip(at + 1).all(|b| apart(a, b)));
        }
        assert_eq!(squarify(&[], 1.0), Vec::<[f64; 4]>::new());
    }
}
