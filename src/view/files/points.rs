//! What is worth a look in any image: files that run as their owner, and directories that all may write to and
//! remove from.

use super::Files;
use crate::layer::FileId;
use crate::view::words;

/// So many are named of each kind.
const MOST: usize = 50;

/// The points of interest of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Points {
    /// Setuid files: each with its path.
    pub setuid: Vec<(FileId, String)>,
    /// World-writable directories without the sticky bit: each with its path.
    pub open: Vec<(FileId, String)>,
    /// How many more there are of either kind.
    pub more: (usize, usize),
}

impl Points {
    /// Of all files that a container sees.
    pub fn of(files: &Files) -> Points {
        let (mut points, mut counts) = (Points::default(), (0, 0));
        let there = files.merged().iter().filter(|(_, file)| file.is_there()).map(|(id, _)| id);
        for id in there {
            let Some(entry) = files.brief(id) else { continue };
            if entry.is_setuid() {
                counts.0 += 1;
                points.setuid.push((id, format!("/{}", files.merged().path(id))));
                points.setuid.truncate(MOST);
            }
            if entry.is_open_to_all() {
                counts.1 += 1;
                points.open.push((id, format!("/{}", files.merged().path(id))));
                points.open.truncate(MOST);
            }
        }
        points.more = (counts.0 - points.setuid.len(), counts.1 - points.open.len());
        points
    }
    /// Each kind that there is: what it is called, and those that are named.
    pub fn named(self) -> Vec<(String, Vec<(FileId, String)>)> {
        let label = |what: &str, more| match more {
            0 => what.to_owned(),
            more => format!("{what}: these, and {} more", words::grouped(more as u64)),
        };
        let (setuid, open) = self.more;
        let open_to_all = "World-writable directories (not sticky)";
        let kinds = [(label("Setuid files", setuid), self.setuid), (label(open_to_all, open), self.open)];
        kinds.into_iter().filter(|(_, list)| !list.is_empty()).collect()
    }
}
