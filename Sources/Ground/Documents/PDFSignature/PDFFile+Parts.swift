/// A page with what it inherits.
struct PDFPage {
    let place: PDFReference
    let entries: [String: PDFObject]
    /// Left, bottom, right, top in points.
    let box: [Double]
}

/// A field for a signature.
struct PDFSignatureField {
    let place: PDFReference
    let name: String
    /// The signature; nil while nobody signed.
    let value: PDFReference?
}

extension PDFFile {
    var catalogPlace: PDFReference {
        get throws(PDFFault) {
            guard let root = trailer["Root"]?.reference else { throw .format("Root") }
            return root
        }
    }

    var catalog: [String: PDFObject] {
        get throws(PDFFault) {
            guard let catalog = try object(catalogPlace).dictionary, catalog["Type"] == .name("Catalog")
            else {
                throw .format("Root")
            }
            return catalog
        }
    }

    /// The pages in order.
    func pages() throws(PDFFault) -> [PDFPage] {
        guard let top = try catalog["Pages"]?.reference else { throw .format("Pages") }
        var pages: [PDFPage] = []
        var seen: Set<PDFReference> = []
        var waiting: [(place: PDFReference, box: [Double])] = [(top, [])]
        while let (place, inherited) = waiting.popLast() {
            guard seen.insert(place).inserted, seen.count <= limits.objects else { throw .format("Pages") }
            guard let entries = try object(place).dictionary else { throw .format("Pages") }
            let own = try resolved(entries["MediaBox"]).array?.compactMap(\.number) ?? []
            let box = own.count == 4 ? own : inherited
            if let kids = try resolved(entries["Kids"]).array {
                waiting += kids.reversed().compactMap { $0.reference.map { ($0, box) } }
            } else {
                guard box.count == 4 else { throw .format("MediaBox") }
                pages.append(PDFPage(place: place, entries: entries, box: box))
            }
        }
        return pages
    }

    /// The fields for signatures, in the order of the form. Fields below fields are followed.
    func signatureFields() throws(PDFFault) -> [PDFSignatureField] {
        let form = try resolved(catalog["AcroForm"])
        guard form != .null else { return [] }
        var fields: [PDFSignatureField] = []
        var seen: Set<PDFReference> = []
        var waiting = (try resolved(form["Fields"]).array ?? []).reversed().map { $0 }
        while let next = waiting.popLast() {
            guard let place = next.reference, seen.insert(place).inserted else { throw .format("Fields") }
            guard let entries = try object(place).dictionary else { throw .format("Fields") }
            if entries["FT"] == .name("Sig") {
                let name = try resolved(entries["T"]).text ?? ""
                switch entries["V"] {
                case nil, .null?: fields.append(PDFSignatureField(place: place, name: name, value: nil))
                case .reference(let value)?:
                    fields.append(PDFSignatureField(place: place, name: name, value: value))
                default: throw .format("signature")
                }
            } else if let kids = try resolved(entries["Kids"]).array {
                waiting += kids.reversed()
            }
        }
        return fields
    }

    /// The files attached to the document, from the tree of their names (ISO 32000-1, section 7.11.4).
    func attachments() throws(PDFFault) -> [PDFAttachment] {
        var found: [PDFAttachment] = []
        var room = limits.attachmentBytes
        var seen: Set<PDFReference> = []
        var waiting = [try resolved(resolved(catalog["Names"])["EmbeddedFiles"])]
        while let node = waiting.popLast() {
            for kid in try resolved(node["Kids"]).array ?? [] {
                guard let place = kid.reference, seen.insert(place).inserted else {
                    throw .format("EmbeddedFiles")
                }
                waiting.append(try object(place))
            }
            let names = try resolved(node["Names"]).array ?? []
            for index in stride(from: 1, to: names.count, by: 2) {
                guard found.count < limits.attachments else { throw .limit }
                let attachment = try attachment(resolved(names[index]), room: room)
                room -= attachment.bytes.count
                found.append(attachment)
            }
        }
        return found
    }

    private func attachment(_ specification: PDFObject, room: Int) throws(PDFFault) -> PDFAttachment {
        let unicode = try resolved(specification["UF"])
        let name = unicode == .null ? try resolved(specification["F"]).text : unicode.text
        guard let name, let place = try resolved(specification["EF"])["F"]?.reference else {
            throw .format("EmbeddedFiles")
        }
        let (entries, stored) = try stream(place)
        let bytes: [UInt8]
        switch entries["Filter"] {
        case nil, .null?: bytes = Array(stored)
        case .name("FlateDecode")?, .array([.name("FlateDecode")])?:
            guard entries["DecodeParms"] == nil else { throw .format("DecodeParms") }
            let max = min(room, stored.count.multipliedReportingOverflow(by: limits.ratio).partialValue)
            guard let expanded = Flate.expand(stored, max: max) else { throw .limit }
            bytes = expanded
        default: throw .format("Filter")
        }
        guard bytes.count <= room else { throw .limit }
        return PDFAttachment(name: name, mediaType: entries["Subtype"]?.name ?? "", bytes: bytes)
    }
}

/// A file inside a PDF document.
public struct PDFAttachment: Hashable, Sendable {
    /// As the document says: nothing keeps it from holding `..` or `/`.
    public let name: String
    /// Such as `application/json`; empty when the document does not say.
    public let mediaType: String
    public let bytes: [UInt8]

    public init(name: String, mediaType: String, bytes: [UInt8]) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
    }
}
