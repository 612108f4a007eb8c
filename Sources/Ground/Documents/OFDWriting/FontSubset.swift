import CPangoCairo

/// The part of a typeface that one document needs.
struct FontSubset {
    let bytes: [UInt8]
    /// Where the glyphs with these numbers have gone; the characters' own are found through the file's own table.
    let renumbered: [UInt32: UInt32]
    let isCubic: Bool

    /// Tables for setting text, which readers of a finished page do not need.
    private static let dropped = [
        "GSUB", "GPOS", "GDEF", "BASE", "JSTF", "VORG", "vhea", "vmtx", "kern", "DSIG", "EBDT", "EBLC",
        "EBSC",
        "hdmx", "VDMX", "LTSH", "gasp", "feat", "morx", "mort", "PCLT",
    ]

    /// - Parameters:
    ///   - characters: found in the subset by its table of characters.
    ///   - glyphs: kept although no character leads to them.
    init(of face: OpaquePointer, characters: Set<UInt32>, glyphs: Set<UInt32>) throws(DocumentError) {
        guard let input = hb_subset_input_create_or_fail() else { throw .engine("hb_subset_input") }
        defer { hb_subset_input_destroy(input) }
        let wanted = hb_subset_input_unicode_set(input)
        for character in characters { hb_set_add(wanted, character) }
        if !glyphs.isEmpty {
            let extra = hb_subset_input_glyph_set(input)
            for glyph in glyphs { hb_set_add(extra, glyph) }
        }
        let tables = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG)
        for table in Self.dropped { hb_set_add(tables, hb_tag_from_string(table, 4)) }
        hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING.rawValue)
        guard let plan = hb_subset_plan_create_or_fail(face, input) else { throw .engine("hb_subset_plan") }
        defer { hb_subset_plan_destroy(plan) }
        guard let made = hb_subset_plan_execute_or_fail(plan) else { throw .engine("hb_subset_execute") }
        defer { hb_face_destroy(made) }
        let map = hb_subset_plan_old_to_new_glyph_mapping(plan)
        renumbered = Dictionary(uniqueKeysWithValues: glyphs.map { ($0, hb_map_get(map, $0)) })
        let blob = hb_face_reference_blob(made)
        defer { hb_blob_destroy(blob) }
        var length: UInt32 = 0
        guard let start = hb_blob_get_data(blob, &length), length > 4 else { throw .engine("hb_subset") }
        bytes = start.withMemoryRebound(to: UInt8.self, capacity: Int(length)) {
            Array(UnsafeBufferPointer(start: $0, count: Int(length)))
        }
        isCubic = bytes.starts(with: Array("OTTO".utf8))
    }
}
