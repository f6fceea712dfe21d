use super::*;
use crate::layer::{Dispute, Listing};

fn file(path: &str, size: u64) -> Entry {
    Entry { path: path.to_owned(), size, stored: size, mode: 0o644, ..Entry::default() }
}

fn layer(entries: &[Entry]) -> Option<Rc<Unpacked>> {
    Some(Rc::new(Unpacked { listing: Listing::new(entries), ..Unpacked::default() }))
}

fn two() -> Vec<Option<Rc<Unpacked>>> {
    let su = Entry { mode: 0o4755, ..file("bin/su", 70) };
    let link = Entry {
        kind: EntryKind::HardLink,
        link: "./bin/su".into(),
        size: 0,
        stored: 0,
        ..file("bin/sudo", 0)
    };
    let open = Entry { kind: EntryKind::Directory, mode: 0o777, ..file("srv/open", 0) };
    let one = [su, link, file("etc/a", 10), file("etc/b", 20), open];
    vec![layer(&one), layer(&[file("etc/.wh.b", 0), file("etc/c", 5)])]
}

/// Each row as its level, its name and whether it is open.
fn rows(files: &Files, open: &[&str], order: Order, search: &str) -> Vec<String> {
    let open = open.iter().filter_map(|path| files.merged().find(path)).map(|id| id.0).collect();
    let places = files.places(&open, order, search);
    let told = |place: &Place| {
        let row = files.row(place.id).unwrap();
        let expanded = match place.expanded {
            None => "",
            Some(true) => " open",
            Some(false) => " closed",
        };
        format!("{} {}{expanded}", place.level, row.name)
    };
    places.iter().map(told).collect()
}

#[test]
fn directories_open_one_by_one_and_a_search_opens_all_that_lead_to_what_is_found() {
    let files = Files::new(&two(), Which::Image);
    assert_eq!(rows(&files, &[], Order::Name, ""), ["1 bin closed", "1 etc closed", "1 srv closed"]);
    assert_eq!(
        rows(&files, &["etc"], Order::Size, ""),
        ["1 bin closed", "1 etc open", "2 a", "2 c", "1 srv closed"]
    );
    assert_eq!(rows(&files, &[], Order::Name, "SU"), ["1 bin open", "2 su", "2 sudo"]);
    assert_eq!(rows(&files, &[], Order::Name, "nothing"), [""; 0]);
}

#[test]
fn of_one_layer_only_what_it_touched_is_listed() {
    let files = Files::new(&two(), Which::Layer(1));
    assert_eq!(rows(&files, &["etc"], Order::Name, ""), ["1 etc open", "2 b", "2 c"]);
    let mark =
        |path: &str| files.merged().iter().find(|(id, _)| files.merged().path(*id) == path).unwrap().1.mark;
    assert_eq!((mark("etc/b"), mark("etc/c")), (Mark::Removed, Mark::Added));
    assert_eq!(files.summary(), "1 file added, 0 changed, 1 removed.");
    assert_eq!(rows(&Files::new(&two(), Which::Layer(0)), &[], Order::Name, "").len(), 3);
}

#[test]
fn the_whole_is_summed_up_and_what_is_missing_is_said() {
    let files = Files::new(&two(), Which::Image);
    assert_eq!(files.summary(), "4 files, 85 B; 20 B replaced or removed by later layers; efficiency 80.9%.");
    let summary = Files::new(&[layer(&[file("a", 1)]), None], Which::Image).summary();
    assert!(summary.ends_with("What layer 2 did is not known: its files are not listed."), "{summary}");
}

#[test]
fn a_row_says_what_ls_does() {
    let files = Files::new(&two(), Which::Image);
    let row = files.row(files.merged().find("bin/sudo").unwrap()).unwrap();
    assert_eq!((row.target.as_str(), row.note.as_str(), row.owner.as_str()), ("./bin/su", "layer 1", "0 0"));
    let row = files.row(files.merged().find("bin").unwrap()).unwrap();
    assert_eq!(
        (row.size.as_str(), row.share, row.note.as_str(), row.mode.as_str()),
        ("70 B", 82, "2 files", "")
    );
}

#[test]
fn a_hard_link_s_bytes_are_those_of_the_file() {
    let files = Files::new(&two(), Which::Image);
    let content =
        |path: &str| files.content(files.merged().find(path).unwrap()).map(|(layer, e)| (layer, e.path));
    assert_eq!(content("bin/sudo"), Ok((0, "bin/su".to_owned())));
    assert_eq!(content("etc/c"), Ok((1, "etc/c".to_owned())));
    assert_eq!(content("srv/open"), Err(""));
    let link = |path: &str, to: &str| Entry { kind: EntryKind::HardLink, link: to.into(), ..file(path, 0) };
    let upper = [
        link("bin/first", "/bin/su"),
        link("bin/second", "bin/first"),
        link("bin/self", "bin/self"),
        link("bin/nothing", "bin/none"),
        file("bin/empty", 0),
        link("bin/other", "bin/empty"),
    ];
    let files = Files::new(&[two()[0].clone(), None, layer(&upper)], Which::Image);
    let content =
        |path: &str| files.content(files.merged().find(path).unwrap()).map(|(layer, e)| (layer, e.path));
    let none = Err("No layer here has the file that this is another name of.");
    for (path, expected) in [
        ("bin/first", Ok((0, "bin/su".to_owned()))),
        ("bin/second", Ok((0, "bin/su".to_owned()))),
        ("bin/self", none.clone()),
        ("bin/nothing", none.clone()),
        ("bin/empty", Err("It is empty.")),
        ("bin/other", Err("It is empty.")),
    ] {
        assert_eq!(content(path), expected, "{path}");
    }
}

#[test]
fn setuid_files_and_directories_open_to_all_are_named() {
    let named = |layers: &[Option<Rc<Unpacked>>]| Points::of(&Files::new(layers, Which::Image)).named();
    let paths = |list: &[(FileId, String)]| list.iter().map(|(_, path)| path.clone()).collect::<Vec<_>>();
    let found = named(&two());
    let [(setuid, files), (open, directories)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((setuid.as_str(), paths(files)), ("Setuid files", vec!["/bin/su".to_owned()]));
    let label = "World-writable directories (not sticky)";
    assert_eq!((open.as_str(), paths(directories)), (label, vec!["/srv/open".to_owned()]));
    let open = |name: String, mode| Entry { kind: EntryKind::Directory, mode, ..file(&name, 0) };
    let many: Vec<Entry> = (0..1060).map(|at| open(format!("{at:04}"), 0o777)).collect();
    let found = named(&[layer(&many)]);
    assert_eq!((found[0].0.as_str(), found[0].1.len()), (&*format!("{label}: these, and 1,010 more"), 50));
    assert_eq!(named(&[layer(&[open("tmp".into(), 0o1777)])]), [], "sticky: none removes another's");
}

#[test]
fn a_map_shows_the_large_and_puts_the_small_together() {
    let many: Vec<Entry> = (0..200).map(|at| file(&format!("d/{at}"), 200 - at)).collect();
    let files = Files::new(&[layer(&many)], Which::Image);
    let map = tiles(&files, files.merged().find("d").unwrap(), 2.0);
    assert_eq!((map.len(), map[0].name.as_str(), map[59].name.as_str()), (60, "0", "141 smaller ones"));
    let total: f64 = map.iter().map(|tile| tile.width * tile.height).sum();
    assert!((total - 1e6).abs() < 1.0, "{total}");
    assert_eq!(tiles(&files, files.merged().find("d/7").unwrap(), 2.0), []);
    let huge: Vec<Entry> = (0..200).map(|at| file(&format!("d/{at}"), u64::MAX >> 1)).collect();
    let files = Files::new(&[layer(&huge)], Which::Image);
    assert_eq!(tiles(&files, files.merged().find("d").unwrap(), 2.0).len(), 60, "sums do not wrap");
}

#[test]
fn what_readers_do_not_agree_on_stands_on_the_file() {
    let dispute = |entries, message: &str| Dispute { entries, path: "a".into(), message: message.into() };
    let base = Unpacked {
        listing: Listing::new(&[
            file("a", 1),
            file("b", 2),
            file("c", 3),
            Entry { kind: EntryKind::Symlink, ..file("l", 0) },
        ]),
        disputes: vec![dispute(0..1, "this or that"), dispute(2..u64::MAX, "or those")],
        ..Unpacked::default()
    };
    let files = Files::new(&[Some(Rc::new(base)), layer(&[file("l/x", 1), file("b", 3)])], Which::Image);
    let told = |path: &str| {
        files.disputes(files.merged().find(path).unwrap()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (told("a"), told("b"), told("c")),
        (vec!["this or that".into()], vec![], vec!["or those".into()])
    );
    let through = told("l/x");
    assert!(through[0].starts_with("its path goes through l, a symbolic link of layer 1"), "{through:?}");
    let a = files.merged().find("a").unwrap();
    assert_eq!(files.row(a).unwrap().note, "layer 1, readers disagree");
    assert!(file_facts(&files, a).contains(&("readers disagree", "this or that".to_owned())));
}

#[test]
fn names_are_their_bytes_and_are_shown() {
    let names = ["caf\u{10ffe9}", "caf\\xe9"];
    let files = Files::new(&[layer(&names.map(|name| file(name, 1)))], Which::Image);
    assert_eq!(rows(&files, &[], Order::Name, ""), ["1 caf\\xe9", "1 caf\\xe9"]);
}
