//! What tars are made of at random: names, numbers and records, those first that nobody minds.
#![allow(clippy::indexing_slicing, reason = "tables are indexed by a number below their length")]

/// Numbers that follow from the first one. Marsaglia's xorshift.
pub(crate) struct Random(u64);

impl Random {
    /// What is random in one case.
    pub(crate) fn new(seed: u64, number: u64) -> Random {
        let mixed = (seed << 40).wrapping_add(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = Random(mixed.max(1));
        // The first ones are much alike for numbers that are.
        for _ in 0..3 {
            random.below(2);
        }
        random
    }

    /// A number below another.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most.max(1)
    }

    /// Whether something that happens once in so many times happens.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of a list.
    pub(crate) fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Names, those first that nobody minds.
pub(crate) const NAMES: [&[u8]; 30] = [
    b"a",
    b"b",
    b"evil",
    b"dir/",
    b"dir",
    b"dir/a",
    b"./a",
    b"/a",
    b"a/",
    b"caf\xe9",
    b"caf\\xe9",
    b"a\0b",
    b"a//b",
    b"../a",
    b".wh.a",
    b"dir/.wh..wh..opq",
    b".wh..wh.plnk/1",
    b"",
    b".",
    b"./",
    b"..",
    b"a/../..",
    b"a/..",
    b".wh.",
    b"dir/.wh.",
    b"dir/.wh..",
    b"dir/.wh...",
    b"\0",
    b"\0a",
    b"/",
];

/// Type flags, those first that are unpacked.
pub(crate) const TYPES: &[u8] = b"00005555\0\0\0\x00123456xgLK7SDVMNXAZ 89";

/// One of a list, mostly from its beginning.
pub(crate) fn mostly<T: Copy>(random: &mut Random, all: &[T], common: usize) -> T {
    let most = if random.once_in(12) { all.len() } else { common };
    all[random.below(most)]
}

/// What numbers are written as, where not as they should be.
pub(crate) const NUMBERS: [&[u8]; 34] = [
    b"",
    b" ",
    b"        ",
    b"0",
    b"1",
    b"1000",
    b"0001000",
    b"   1000 ",
    b"\0\x001000",
    b"1000\x000",
    b"7777777",
    b"77777777777",
    b"\x80",
    b"\x80\0\0\0\0\0\0\x01",
    b"\x80\0\0\0\0\0\0\0\0\0\x02\0",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xfe",
    b"\x81\0\0\0\0\0\0\0",
    b"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0",
    b"\x001",
    b"1\0",
    b"-0",
    b"-1",
    b"+1",
    b"10 00",
    b"1000x",
    b"8",
    b"\xff",
    b"\xc0\0\0\0\0\0\0\0",
    b"\x80\0\0\0\x80\0\0\0\0\0\0\0",
    b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"0x10",
    b"1_0",
];

/// Names of pax records.
pub(crate) const KEYS: [&str; 32] = [
    "path",
    "path",
    "path",
    "linkpath",
    "size",
    "size",
    "size",
    "uid",
    "gid",
    "uname",
    "gname",
    "mtime",
    "mtime",
    "atime",
    "ctime",
    "comment",
    "SCHILY.xattr.a",
    "SCHILY.xattr.a",
    "SCHILY.acl.access",
    "hdrcharset",
    "GNU.sparse.major",
    "GNU.sparse.minor",
    "GNU.sparse.name",
    "GNU.sparse.size",
    "GNU.sparse.realsize",
    "GNU.sparse.map",
    "GNU.sparse.numblocks",
    "GNU.sparse.offset",
    "GNU.sparse.numbytes",
    "RHT.security.selinux",
    "",
    "a\0b",
];

/// Values of pax records, numbers first, then times.
pub(crate) const VALUES: [&[u8]; 40] = [
    b"",
    b"0",
    b"1",
    b"512",
    b"513",
    b"1024",
    b"+512",
    b"-0",
    b"-1",
    b"-5",
    b"00000000000000000000000512",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"1.5",
    b"-1.5",
    b"-0.5",
    b"1.",
    b"1.0000000001",
    b"-1.0000000001",
    b"-1.000000001",
    b"-9223372036854775808.5",
    b".5",
    b"1.x",
    b"1.-1",
    b"1.+1",
    b"1..2",
    b"junk",
    b" 1",
    b"1 ",
    b"9223372036854775808",
    b"a",
    b"dir/",
    b"evil",
    b".wh.a",
    b"caf\xe9",
    b"a\0b",
    b"\0",
    b"0,512",
    b"0,0,512,0",
    b"1_0",
];

/// How many of these are numbers.
pub(crate) const WHOLE: usize = 13;

/// How many are times.
pub(crate) const TIMES: usize = 21;
