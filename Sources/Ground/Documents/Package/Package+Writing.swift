import CZip

extension Package {
    /// The ZIP file of the entries in their order, each with the same fixed time: the same entries give the same bytes.
    /// - Parameter isStored: nothing is deflated, so that the bytes follow from the entries alone, whoever packs them.
    public func zipped(isStored: Bool = false) throws(DocumentError) -> [UInt8] {
        guard let source = zip_source_buffer_create(nil, 0, 0, nil) else { throw .engine("zip_source") }
        // Kept past the archive, which gives its own hold back when it is closed.
        zip_source_keep(source)
        defer { zip_source_free(source) }
        guard let archive = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, nil) else {
            throw .engine("zip_open_from_source")
        }
        do throws(DocumentError) { try add(to: archive, isStored: isStored) } catch {
            zip_discard(archive)
            throw error
        }
        return try Self.close(archive, source)
    }

    private func add(to archive: OpaquePointer, isStored: Bool) throws(DocumentError) {
        for entry in entries {
            // The bytes outlive the archive only when it owns them: a copy that libzip frees.
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, entry.bytes.count), alignment: 1)
            entry.bytes.withUnsafeBytes {
                copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
            }
            guard let content = zip_source_buffer(archive, copy, zip_uint64_t(entry.bytes.count), 1) else {
                copy.deallocate()
                throw .engine("zip_source_buffer")
            }
            let index = zip_file_add(archive, entry.name, content, zip_flags_t(ZIP_FL_ENC_UTF_8))
            guard index >= 0 else {
                zip_source_free(content)
                throw .engine("zip_file_add \(entry.name)")
            }
            // 1980-01-01, the first day that ZIP knows.
            zip_file_set_dostime(archive, zip_uint64_t(index), 0, 0x21, 0)
            // Pictures, seals with pictures in them, and small files do not get smaller; deflating them costs more than
            // it saves.
            let isPacked = [".png", ".esl", ".dat"].contains { entry.name.hasSuffix($0) }
            let isStored = isStored || entry.bytes.count < 128 || isPacked
            zip_set_file_compression(
                archive,
                zip_uint64_t(index),
                isStored ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
                isStored ? 0 : 1
            )
        }
    }

    private static func close(_ archive: OpaquePointer, _ source: OpaquePointer) throws(DocumentError)
        -> [UInt8]
    {
        guard zip_close(archive) == 0 else {
            zip_discard(archive)
            throw .engine("zip_close")
        }
        guard zip_source_open(source) == 0 else { throw .engine("zip_source_open") }
        defer { zip_source_close(source) }
        var stat = zip_stat_t()
        guard zip_source_stat(source, &stat) == 0 else { throw .engine("zip_source_stat") }
        let size = Int(stat.size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let got = zip_source_read(source, buffer.baseAddress, zip_uint64_t(size))
            count = max(0, Int(got))
        }
        guard bytes.count == size else { throw .engine("zip_source_read") }
        return bytes
    }
}
