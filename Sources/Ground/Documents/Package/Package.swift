import CZip
public import ElectronicSeals

/// A ZIP file as GB/T 33190 packs documents: read whole and suspiciously, written plainly.
public struct Package: Hashable, Sendable {
    /// In the order of the directory, without folders.
    public private(set) var entries: [PackageEntry]
    private var places: [String: Int]
    /// Names in lower case: two products write references that differ from the names in case only.
    private var folded: [String: Int]

    public init(_ entries: [PackageEntry]) {
        self.entries = entries
        places = [:]
        folded = [:]
        for (place, entry) in entries.enumerated() {
            places[entry.name] = place
            folded[entry.name.lowercased()] = place
        }
    }

    /// The entry of that name, or the one that differs from it in case only.
    public func entry(_ name: String) -> PackageEntry? {
        (places[name] ?? folded[name.lowercased()]).map { entries[$0] }
    }

    /// Whether the bytes begin as a ZIP file does.
    public static func isLikely(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    /// Unpacks a file from outside. Directory and local headers must agree, names must stay inside of the package and be
    /// different, nothing may be encrypted, nothing may lie beside the entries (`PackageLayout`), and the limits hold before
    /// memory is taken.
    public init(reading bytes: [UInt8], limits: PackageLimits) throws(VerificationProblem) {
        guard bytes.count <= limits.sizeBytesMax else {
            throw VerificationProblem(.packageLimit, "\(bytes.count) bytes")
        }
        // Bytes before the first entry would be bytes that no signature covers.
        guard Self.isLikely(bytes) else { throw VerificationProblem(.packageFormat, "header") }
        let found = bytes.withUnsafeBytes { Self.unpack($0, limits: limits) }
        self.init(try found.get())
    }

    private static func unpack(_ bytes: UnsafeRawBufferPointer, limits: PackageLimits)
        -> Result<[PackageEntry], VerificationProblem>
    {
        guard let source = zip_source_buffer_create(bytes.baseAddress, zip_uint64_t(bytes.count), 0, nil)
        else {
            return .failure(VerificationProblem(.packageFormat, "zip"))
        }
        var failure = zip_error_t()
        zip_error_init(&failure)
        defer { zip_error_fini(&failure) }
        // Also compares the directory with the headers before the entries: where they differ, two programs unpack two
        // documents.
        guard let archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &failure) else {
            zip_source_free(source)
            // What lies behind the end is a matter of layout; inside of it names or headers contradict each other.
            let isTwofold =
                [ZIP_ER_INCONS, ZIP_ER_EXISTS].contains(zip_error_code_zip(&failure))
                && PackageLayout.endsWithFile(bytes)
            return .failure(
                VerificationProblem(isTwofold ? .packageDuplicate : .packageFormat, "directory")
            )
        }
        defer { zip_discard(archive) }
        do throws(VerificationProblem) {
            return .success(try entries(of: archive, in: bytes, limits: limits))
        } catch { return .failure(error) }
    }

    private static func entries(
        of archive: OpaquePointer,
        in bytes: UnsafeRawBufferPointer,
        limits: PackageLimits
    ) throws(VerificationProblem) -> [PackageEntry] {
        let count = zip_get_num_entries(archive, 0)
        guard count <= limits.entriesMax else {
            throw VerificationProblem(.packageLimit, "\(count) entries")
        }
        let layout = try PackageLayout(bytes)
        guard layout.places.count == count else { throw VerificationProblem(.packageFormat, "directory") }
        var entries: [PackageEntry] = []
        var names: Set<String> = []
        var unpacked = 0
        for index in 0..<zip_uint64_t(max(0, count)) {
            var stat = zip_stat_t()
            // Raw: libzip would otherwise take names in other encodings for text that nobody wrote.
            guard zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &stat) == 0, let raw = stat.name,
                stat.valid & wanted == wanted
            else { throw VerificationProblem(.packageFormat, "entry \(index)") }
            let name = try name(raw, limits: limits)
            guard names.insert(name.lowercased()).inserted else {
                throw VerificationProblem(.packageDuplicate, name)
            }
            guard stat.encryption_method == ZIP_EM_NONE,
                Int32(stat.comp_method) == ZIP_CM_STORE || Int32(stat.comp_method) == ZIP_CM_DEFLATE
            else { throw VerificationProblem(.packageFormat, name) }
            let (size, packed) = (Int(clamping: stat.size), Int(clamping: stat.comp_size))
            // Subtracted, not added: a size may be as large as a number can be.
            guard size <= limits.unpackedBytesMax - unpacked,
                size <= 65_536 || size / limits.ratioMax <= packed
            else { throw VerificationProblem(.packageLimit, name) }
            unpacked += size
            let place = layout.places[Int(index)]
            guard place.name.elementsEqual(name.utf8), place.size == size, place.packed == packed,
                let content = layout.content(place)
            else { throw VerificationProblem(.packageFormat, name) }
            if name.hasSuffix("/") {
                guard content.isEmpty else { throw VerificationProblem(.packageFormat, name) }
                continue
            }
            entries.append(PackageEntry(name, content))
        }
        try refuseFilesAsFolders(entries)
        return entries
    }

    private static let wanted =
        zip_uint64_t(ZIP_STAT_NAME) | zip_uint64_t(ZIP_STAT_SIZE) | zip_uint64_t(ZIP_STAT_COMP_SIZE)
        | zip_uint64_t(ZIP_STAT_COMP_METHOD) | zip_uint64_t(ZIP_STAT_ENCRYPTION_METHOD)

    /// A name that stays inside of the package whatever unpacks it.
    private static func name(_ raw: UnsafePointer<CChar>, limits: PackageLimits) throws(VerificationProblem)
        -> String
    {
        guard let name = String(validatingCString: raw), !name.isEmpty else {
            throw VerificationProblem(.packageName, "UTF-8")
        }
        guard name.utf8.count <= limits.nameBytesMax else { throw VerificationProblem(.packageLimit, "name") }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isFolder = parts.last == ""
        let isInside = parts.dropLast(isFolder ? 1 : 0).allSatisfy { $0 != "" && $0 != "." && $0 != ".." }
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" && $0 != ":"
        }
        guard isInside, isPlain, parts.count <= 16 else { throw VerificationProblem(.packageName, name) }
        return name
    }

    /// `a` and `a/b` together cannot be unpacked, and two programs would show two documents.
    private static func refuseFilesAsFolders(_ entries: [PackageEntry]) throws(VerificationProblem) {
        let names = Set(entries.map { $0.name.lowercased() })
        for entry in entries {
            var parts = entry.name.lowercased().split(separator: "/")
            while parts.popLast() != nil, !parts.isEmpty {
                guard !names.contains(parts.joined(separator: "/")) else {
                    throw VerificationProblem(.packageDuplicate, entry.name)
                }
            }
        }
    }
}
