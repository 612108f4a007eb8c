/// Kinds of files that can be told by their first bytes. The sender's word for the type is never believed.
public enum FileKind: String, Sendable, CaseIterable {
    case pdf, jpg, png, ofd, docx
    /// Sealed by the platform itself, such as an archive; nothing that is handed in is told to be one.
    case sealed

    public init?(of bytes: [UInt8]) {
        if bytes.starts(with: Array("%PDF-".utf8)) {
            self = .pdf
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]), let kind = Self.packed(bytes) {
            self = kind
        } else {
            return nil
        }
    }

    /// OFD (GB/T 33190) and DOCX (ISO/IEC 29500) are ZIP archives, told apart by an entry that each must hold.
    private static func packed(_ bytes: [UInt8]) -> FileKind? {
        if holds("OFD.xml", in: bytes) { return .ofd }
        if holds("word/document.xml", in: bytes) { return .docx }
        return nil
    }

    /// Whether an archive has an entry of that name: the names of local headers (APPNOTE 4.3.7) and, as entries may
    /// be streamed without their length, of the central directory at the end.
    private static func holds(_ name: String, in bytes: [UInt8]) -> Bool {
        let wanted = Array(name.utf8)
        let directory: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
        var place = 0
        while place + 46 + wanted.count <= bytes.count {
            if bytes[place] == directory[0], bytes[place..<(place + 4)].elementsEqual(directory) {
                let length = Int(bytes[place + 28]) | Int(bytes[place + 29]) << 8
                let start = place + 46
                if length == wanted.count, bytes[start..<(start + length)].elementsEqual(wanted) {
                    return true
                }
            }
            place += 1
        }
        return false
    }

    public var mediaType: String {
        switch self {
        case .pdf: "application/pdf"
        case .jpg: "image/jpeg"
        case .png: "image/png"
        case .ofd: "application/ofd"
        case .sealed: "application/octet-stream"
        case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
    }
}
