//! Words that no search writes into a text: a lesson is projected on walls.

/// The hash of each slur and crude word, in rising order, so that nobody has to read them here: words of the small guard's
/// vocabulary that public lists of profanity hold (LDNOOBW, CC BY 4.0, among others), without those that
/// are only names of something.
const HASHES: [u32; 136] = [
    0x01d3eb7b, 0x021aeb20, 0x03e8f3e6, 0x05fa81c4, 0x06ce90bb, 0x06d6111e, 0x0def3d99, 0x119be83a,
    0x1414e96a, 0x14904d6e, 0x14e4fef7, 0x1647e2bf, 0x176f3e39, 0x17760eaa, 0x183c38ca, 0x18a40a3d,
    0x19688f70, 0x1ddc12c6, 0x215b7bc8, 0x21afe7ad, 0x21b3f221, 0x2376218e, 0x24f37d4b, 0x252203cb,
    0x2a08cc7f, 0x2c6a97a3, 0x2c8bdaa8, 0x2f951bb3, 0x3272efda, 0x34e78041, 0x37c91463, 0x3cceceed,
    0x41ecf2d2, 0x461e76d5, 0x5281fc5b, 0x54882378, 0x57bf9b12, 0x5851d227, 0x5963816d, 0x635b1b38,
    0x64c9a648, 0x6537d094, 0x67ff4368, 0x6a164f08, 0x6c8f30f7, 0x6cd5e87b, 0x718d53ba, 0x7326f837,
    0x73d889a4, 0x7954dec0, 0x7c1f1ea1, 0x7c2bf992, 0x7c9ae63f, 0x7df6521e, 0x7e8dde33, 0x7edbfaf2,
    0x883eef41, 0x893dcdb6, 0x8b8aca44, 0x8bf7e555, 0x8c7007bc, 0x905502f5, 0x91b887d3, 0x91e43548,
    0x921470db, 0x92a4ff90, 0x948002a1, 0x955b3ec5, 0x97847096, 0x98bd2385, 0x9a97550b, 0x9e9fd1fc,
    0x9f2608cd, 0xa01b13e7, 0xa4705559, 0xa49a9c69, 0xa54e8a39, 0xa5c1faa0, 0xa5db73a5, 0xa6ca6ccb,
    0xa7d9da21, 0xa856eb33, 0xa928eabf, 0xab4207bb, 0xac4f3e5e, 0xaddb803d, 0xadfe127f, 0xaf5fd52a,
    0xb1f8089d, 0xb312c8d3, 0xb47968e5, 0xb4dc1b0c, 0xb70ae53e, 0xb780c183, 0xb7c3c197, 0xb99bf986,
    0xbb7973ea, 0xbbccfc70, 0xbe1c5d7c, 0xc1424f94, 0xc2797eef, 0xc4437498, 0xc65c27c8, 0xca4f5564,
    0xcca4340f, 0xcf5447f4, 0xd23d6f9b, 0xd4a3b882, 0xd7337605, 0xd8a26d36, 0xd95c3b1f, 0xd9eb56dd,
    0xda873962, 0xda8c3b48, 0xdbafbd1d, 0xdbdb7abd, 0xdd00700d, 0xde7740b2, 0xe00925c8, 0xe6774d4a,
    0xe8e1bb43, 0xea4f0597, 0xea86e1d2, 0xeb4fbc6d, 0xed4d023a, 0xed561f98, 0xef07325e, 0xef08753c,
    0xefc39037, 0xf00fdd8a, 0xf23e2de2, 0xf33d1f14, 0xf6a4b84e, 0xf7c451c0, 0xfd442f20, 0xfe3bdcc1,
];

/// Names of groups of people, in the order of the alphabet. Nothing is wrong with them, but the text that is
/// written into may be an insult.
const GROUPS: [&str; 90] = [
    "african",
    "africans",
    "american",
    "americans",
    "arab",
    "arabs",
    "asian",
    "asians",
    "atheist",
    "atheists",
    "autistic",
    "bisexual",
    "bisexuals",
    "black",
    "blacks",
    "blind",
    "buddhist",
    "buddhists",
    "catholic",
    "catholics",
    "chinese",
    "christian",
    "christians",
    "deaf",
    "disabled",
    "dwarf",
    "elderly",
    "european",
    "foreigner",
    "foreigners",
    "gay",
    "gays",
    "gypsies",
    "gypsy",
    "handicapped",
    "hindu",
    "hindus",
    "hispanic",
    "hispanics",
    "homosexual",
    "homosexuals",
    "immigrant",
    "immigrants",
    "indian",
    "indians",
    "islam",
    "islamic",
    "israeli",
    "israelis",
    "japanese",
    "jew",
    "jewish",
    "jews",
    "judaism",
    "korean",
    "latina",
    "latino",
    "latinos",
    "lesbian",
    "lesbians",
    "lgbt",
    "mexican",
    "mexicans",
    "migrant",
    "migrants",
    "mormon",
    "mormons",
    "muslim",
    "muslims",
    "negro",
    "pakistani",
    "palestinian",
    "palestinians",
    "polish",
    "protestant",
    "queer",
    "queers",
    "refugee",
    "refugees",
    "roma",
    "russian",
    "russians",
    "trans",
    "transgender",
    "transsexual",
    "veteran",
    "veterans",
    "vietnamese",
    "white",
    "whites",
];

/// Whether a word is a slur, crude, or the name of a group of people, whatever its case.
pub fn is_unfit(word: &str) -> bool {
    let word = word.to_lowercase();
    GROUPS.binary_search(&word.as_str()).is_ok() || HASHES.binary_search(&hash(&word)).is_ok()
}

/// FNV-1a of 32 bits.
fn hash(word: &str) -> u32 {
    let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    word.bytes().fold(0x811c_9dc5, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_known_in_any_case_and_common_words_are_not_among_them() {
        for word in ["damn", "Damned", "BUTT", "veterans", "Vietnamese"] {
            assert!(is_unfit(word), "{word}");
        }
        for word in ["", "butter", "assess", "love", "hell", "people", "không"] {
            assert!(!is_unfit(word), "{word}");
        }
        assert!(HASHES.is_sorted() && GROUPS.is_sorted());
    }
}
