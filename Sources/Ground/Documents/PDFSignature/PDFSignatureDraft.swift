import Kernel

/// A PDF file with a signature field whose signature is still zeros.
struct PDFSignatureDraft {
    private var update: PDFUpdate
    /// Where `<` and the digits and `>` stand.
    private var gap: Range<Int>

    init(_ file: PDFFile, _ signing: PDFSigning, now: Instant, digits: Int) throws(PDFFault) {
        let fields = try file.signatureFields()
        guard !fields.contains(where: { $0.name == signing.field }) else {
            throw .format("field \(signing.field)")
        }
        for field in fields {
            guard let value = field.value else { continue }
            let signature = try file.dictionary(value, placing: "Contents")
            guard try file.resolved(signature.entries["Reference"]) == .null else {
                throw .format("certified")
            }
        }
        if fields.contains(where: { $0.value != nil }) {
            // It would break the signatures that are there.
            guard !signing.isFinal, signing.attachments.isEmpty, signing.title == nil else {
                throw .format("signed before")
            }
        }
        let pages = try file.pages()
        guard pages.indices.contains(signing.page) else { throw .format("page \(signing.page)") }
        update = try PDFUpdate(to: file)
        let (signature, widget, appearance) = (update.place(), update.place(), update.place())
        let page = pages[signing.page]
        let box = Self.box(signing.rectangle, on: page)
        update.put(
            [
                "Type": .name("XObject"), "Subtype": .name("Form"),
                "BBox": .array([
                    .integer(0), .integer(0), Self.real(box[2] - box[0]), Self.real(box[3] - box[1]),
                ]),
            ],
            stream: [],
            at: appearance
        )
        update.put(
            .dictionary([
                "Type": .name("Annot"), "Subtype": .name("Widget"), "FT": .name("Sig"),
                "T": .text(signing.field),
                // Printed, and not to be changed.
                "F": .integer(132), "P": .reference(page.place), "V": .reference(signature),
                "Rect": .array(box.map(Self.real)), "AP": .dictionary(["N": .reference(appearance)]),
            ]),
            at: widget
        )
        try Self.add(widget, to: page, of: file, &update)
        let catalog = try Self.catalog(of: file, signing, widget, signature, now: now, &update)
        update.put(.dictionary(catalog), at: try file.catalogPlace)
        let information = try Self.describe(file, signing, now: now, &update)
        let (text, gapInText) = Self.signature(signing, now: now, digits: digits)
        let start = update.put(text: text, at: signature)
        gap = start + gapInText.lowerBound..<start + gapInText.upperBound
        update.close(information: information)
        // The numbers stand where spaces were kept for them.
        let numbers = [0, gap.lowerBound, gap.upperBound, update.bytes.count - gap.upperBound]
        update.overwrite(numbers.flatMap { PDFUpdate.digits($0, 10) + [0x20] }, at: start + Self.rangeOffset)
        guard update.bytes.count <= file.limits.bytes else { throw .limit }
    }

    /// Everything but the place of the signature.
    var contentToSign: [UInt8] {
        Array(update.bytes[..<gap.lowerBound]) + Array(update.bytes[gap.upperBound...])
    }

    func finished(with signature: [UInt8]) -> [UInt8] {
        var bytes = update.bytes
        var position = gap.lowerBound + 1
        for byte in signature {
            bytes.replaceSubrange(position..<position + 2, with: hexadecimal(byte))
            position += 2
        }
        return bytes
    }

    private static let rangeText = "<< /Type /Sig /ByteRange [ "
    private static var rangeOffset: Int { rangeText.utf8.count }

    /// The signature dictionary, and where its `Contents` stand in it.
    private static func signature(
        _ signing: PDFSigning,
        now: Instant,
        digits: Int
    ) -> (text: [UInt8], gap: Range<Int>) {
        var text = Array(rangeText.utf8) + [UInt8](repeating: 0x20, count: 44)
        text += "] /Contents ".utf8
        let gap = text.count..<text.count + digits + 2
        text += [0x3C] + [UInt8](repeating: 0x30, count: digits) + [0x3E]
        var entries: [(String, PDFObject)] = [
            ("Filter", .name("Adobe.PPKLite")), ("SubFilter", .name("ETSI.CAdES.detached")),
            ("M", .string(Array(date(now).utf8))), ("Name", .text(signing.name)),
        ]
        if let reason = signing.reason { entries.append(("Reason", .text(reason))) }
        if let location = signing.location { entries.append(("Location", .text(location))) }
        if let contact = signing.contact { entries.append(("ContactInfo", .text(contact))) }
        if signing.isFinal {
            // Certified with permission for nothing (ISO 32000-1, section 12.8.2.2).
            let parameters: PDFObject = .dictionary([
                "Type": .name("TransformParams"), "P": .integer(1), "V": .name("1.2"),
            ])
            let reference: PDFObject = .dictionary([
                "Type": .name("SigRef"), "TransformMethod": .name("DocMDP"), "TransformParams": parameters,
            ])
            entries.append(("Reference", .array([reference])))
        }
        for (key, value) in entries {
            text += " ".utf8 + PDFObject.name(key).written + " ".utf8 + value.written
        }
        return (text + " >>".utf8, gap)
    }

    private static func catalog(
        of file: PDFFile,
        _ signing: PDFSigning,
        _ widget: PDFReference,
        _ signature: PDFReference,
        now: Instant,
        _ update: inout PDFUpdate
    ) throws(PDFFault) -> [String: PDFObject] {
        var catalog = try file.catalog
        var form = try file.resolved(catalog["AcroForm"]).dictionary ?? [:]
        let fields = try file.resolved(form["Fields"]).array ?? []
        form["Fields"] = .array(fields + [.reference(widget)])
        // There are signatures, and only appending keeps them (ISO 32000-1, section 12.7.2).
        form["SigFlags"] = .integer(3)
        if let place = catalog["AcroForm"]?.reference {
            update.put(.dictionary(form), at: place)
        } else {
            catalog["AcroForm"] = .dictionary(form)
        }
        if signing.isFinal { catalog["Perms"] = .dictionary(["DocMDP": .reference(signature)]) }
        if let title = signing.title {
            let place = update.place()
            update.put(
                ["Type": .name("Metadata"), "Subtype": .name("XML")],
                stream: PDFDescription.packet(title: title, at: now),
                at: place
            )
            catalog["Metadata"] = .reference(place)
        }
        guard !signing.attachments.isEmpty else { return catalog }
        var names = try file.resolved(catalog["Names"]).dictionary ?? [:]
        guard names["EmbeddedFiles"] == nil else { throw .format("EmbeddedFiles") }
        let sorted = signing.attachments.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var pairs: [PDFObject] = []
        var places: [PDFObject] = []
        for (index, attachment) in sorted.enumerated() {
            let place = try attach(attachment, now: now, &update)
            // The keys of a name tree stand in order; what is shown is the name in the specification.
            pairs += [.string(PDFUpdate.digits(index, 4)), .reference(place)]
            places.append(.reference(place))
        }
        names["EmbeddedFiles"] = .dictionary(["Names": .array(pairs)])
        catalog["Names"] = .dictionary(names)
        catalog["AF"] = .array(places)
        return catalog
    }

    /// Writes a file and its specification; gives the latter's place.
    private static func attach(
        _ attachment: PDFAttachment,
        now: Instant,
        _ update: inout PDFUpdate
    ) throws(PDFFault) -> PDFReference {
        let (file, specification) = (update.place(), update.place())
        guard let packed = Flate.compress(attachment.bytes) else { throw .limit }
        update.put(
            [
                "Type": .name("EmbeddedFile"), "Subtype": .name(attachment.mediaType),
                "Filter": .name("FlateDecode"),
                "Params": .dictionary([
                    "Size": .integer(attachment.bytes.count), "ModDate": .string(Array(date(now).utf8)),
                ]),
            ],
            stream: packed,
            at: file
        )
        update.put(
            .dictionary([
                "Type": .name("Filespec"), "F": .text(attachment.name), "UF": .text(attachment.name),
                "AFRelationship": .name("Data"),
                "EF": .dictionary(["F": .reference(file), "UF": .reference(file)]),
            ]),
            at: specification
        )
        return specification
    }

    /// Adds the field to what the page shows.
    private static func add(
        _ widget: PDFReference,
        to page: PDFPage,
        of file: PDFFile,
        _ update: inout PDFUpdate
    ) throws(PDFFault) {
        let shown = try file.resolved(page.entries["Annots"]).array ?? []
        let more: PDFObject = .array(shown + [.reference(widget)])
        if let place = page.entries["Annots"]?.reference {
            update.put(more, at: place)
        } else {
            update.put(.dictionary(page.entries.merging(["Annots": more]) { $1 }), at: page.place)
        }
    }

    /// Gives the document its title in the older form; the newer one is the catalog's XMP.
    private static func describe(
        _ file: PDFFile,
        _ signing: PDFSigning,
        now: Instant,
        _ update: inout PDFUpdate
    ) throws(PDFFault) -> PDFReference? {
        guard let title = signing.title else { return nil }
        var information = try file.resolved(file.trailer["Info"]).dictionary ?? [:]
        information["Title"] = .text(title)
        information["ModDate"] = .string(Array(date(now).utf8))
        let place = file.trailer["Info"]?.reference ?? update.place()
        update.put(.dictionary(information), at: place)
        return place
    }

    /// From millimetres below the left upper corner to points above the left lower one.
    private static func box(_ rectangle: PDFRectangle, on page: PDFPage) -> [Double] {
        let (point, left, top) = (72 / 25.4, min(page.box[0], page.box[2]), max(page.box[1], page.box[3]))
        return [
            left + rectangle.left * point, top - (rectangle.top + rectangle.height) * point,
            left + (rectangle.left + rectangle.width) * point, top - rectangle.top * point,
        ]
    }

    /// Two digits behind the point, without an exponent.
    private static func real(_ value: Double) -> PDFObject {
        let hundredths = Int((min(max(value, -1_000_000), 1_000_000) * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
        return .real("\(sign)\(whole).\(part < 10 ? "0" : "")\(part)")
    }

    /// `D:YYYYMMDDHHmmSS+08'00` (ISO 32000-1, section 7.9.4).
    private static func date(_ instant: Instant) -> String {
        let day = instant.date
        let seconds = Int(instant.timeOfDay / 1_000)
        let parts = [day.year, day.month, day.day, seconds / 3_600, seconds / 60 % 60, seconds % 60]
        return "D:" + parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined() + "+08'00"
    }
}
