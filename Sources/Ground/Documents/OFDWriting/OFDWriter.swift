import Kernel

/// Sheets as unsigned packages of GB/T 33190-2016, the typefaces embedded in part.
public enum OFDWriter {
    /// - Returns: the package's files in the order in which they are to be stored. `OFD.xml` names no signatures
    ///   yet; the same sheet and description give the same bytes.
    public static func entries(
        _ sheet: Sheet,
        _ description: DocumentDescription,
        attachments: [DocumentAttachment] = [],
        by typefaces: Typefaces
    ) throws(DocumentError) -> [PackageEntry] {
        guard description.id.utf8.count == 32, description.id.allSatisfy(\.isHexDigit) else {
            throw .sheet("a document's number is of 32 hexadecimal digits; \(description.id) is not")
        }
        var writing = OFDWriting(description: description)
        try writing.take(sheet, typefaces)
        return writing.entries(sheet, attachments)
    }
}

extension SheetPlace {
    /// Where a seal of this size stands, in the middle of the place, in a document written from the sheet.
    public func stamp(width: Double, height: Double) -> OFDSigner.Place {
        OFDSigner.Place(
            page: String(page + 1),
            x: box.middle.x - width / 2,
            y: box.middle.y - height / 2,
            width: width,
            height: height
        )
    }
}

/// One document being written.
struct OFDWriting {
    let description: DocumentDescription
    /// One space of numbers for everything in the document.
    private(set) var lastID = 0
    var fonts: [Int: Font] = [:]
    var pictures: [(id: Int, png: [UInt8])] = []
    private var pages: [(id: Int, content: [UInt8], notes: [UInt8]?)] = []

    struct Font {
        let id: Int
        let family: String
        let subset: FontSubset

        var file: String { "font_\(id).\(subset.isCubic ? "otf" : "ttf")" }
    }

    init(description: DocumentDescription) { self.description = description }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func take(_ sheet: Sheet, _ typefaces: Typefaces) throws(DocumentError) {
        // Pages have the first numbers, so that a seal's place can be named before the document is written.
        let identifiers = sheet.pages.map { _ in nextID() }
        try embed(sheet, typefaces)
        for (id, page) in zip(identifiers, sheet.pages) {
            var content = OFDMarkup(root: "Page")
            content.raw("<ofd:Area><ofd:PhysicalBox>")
            content.numbers(0, 0, page.width, page.height)
            content.raw("</ofd:PhysicalBox></ofd:Area><ofd:Content><ofd:Layer ID=\"")
            content.integer(nextID())
            content.raw("\" Type=\"Body\">")
            for mark in page.marks { add(mark, to: &content) }
            content.raw("</ofd:Layer></ofd:Content></ofd:Page>")
            pages.append((id, content.bytes, page.notes.isEmpty ? nil : notes(of: page)))
        }
    }

    /// The page's notes as an annotation (GB/T 33190-2016, annotations of the type Watermark).
    private mutating func notes(of page: SheetPage) -> [UInt8] {
        var notes = OFDMarkup(root: "PageAnnot")
        notes.raw("<ofd:Annot ID=\"")
        notes.integer(nextID())
        notes.raw("\" Type=\"Watermark\"")
        notes.attribute("Creator", description.author)
        notes.attribute("LastModDate", description.created.date.description)
        notes.raw("><ofd:Appearance Boundary=\"")
        notes.numbers(0, 0, page.width, page.height)
        notes.raw("\">")
        for mark in page.notes { add(mark, to: &notes) }
        notes.raw("</ofd:Appearance></ofd:Annot></ofd:PageAnnot>")
        return notes.bytes
    }

    private mutating func embed(_ sheet: Sheet, _ typefaces: Typefaces) throws(DocumentError) {
        var characters: [Int: Set<UInt32>] = [:]
        var glyphs: [Int: Set<UInt32>] = [:]
        for mark in sheet.pages.lazy.flatMap({ $0.marks + $0.notes }) {
            guard case .text(let run) = mark else { continue }
            for scalar in run.text.unicodeScalars {
                characters[run.face, default: []].insert(scalar.value)
            }
            if !run.isPlain { glyphs[run.face, default: []].formUnion(run.glyphs.map(\.id)) }
        }
        for (face, wanted) in characters.sorted(by: { $0.key < $1.key }) {
            let subset = try FontSubset(
                of: typefaces.faces[face].face,
                characters: wanted,
                glyphs: glyphs[face] ?? []
            )
            fonts[face] = Font(id: nextID(), family: typefaces.faces[face].family, subset: subset)
        }
    }

    mutating func entries(_ sheet: Sheet, _ attachments: [DocumentAttachment]) -> [PackageEntry] {
        let listed = attachments.enumerated().map { at, attachment in
            (id: nextID(), file: "attachment_\(at).\(attachment.format.lowercased())", attachment: attachment)
        }
        var entries = [
            PackageEntry("OFD.xml", entry()),
            PackageEntry("Doc_0/Document.xml", document(sheet, hasAttachments: !listed.isEmpty)),
            PackageEntry("Doc_0/PublicRes.xml", fontList()),
        ]
        if !pictures.isEmpty { entries.append(PackageEntry("Doc_0/DocumentRes.xml", pictureList())) }
        for font in fonts.values.sorted(by: { $0.id < $1.id }) {
            entries.append(PackageEntry("Doc_0/Res/\(font.file)", font.subset.bytes))
        }
        for picture in pictures {
            entries.append(PackageEntry("Doc_0/Res/picture_\(picture.id).png", picture.png))
        }
        for (at, page) in pages.enumerated() {
            entries.append(PackageEntry("Doc_0/Pages/Page_\(at)/Content.xml", page.content))
        }
        if pages.contains(where: { $0.notes != nil }) {
            entries.append(PackageEntry("Doc_0/Annots/Annotations.xml", noteList()))
        }
        for (at, page) in pages.enumerated() {
            guard let notes = page.notes else { continue }
            entries.append(PackageEntry("Doc_0/Annots/Page_\(at)/Annotation.xml", notes))
        }
        guard !listed.isEmpty else { return entries }
        var list = OFDMarkup(root: "Attachments")
        for (id, file, attachment) in listed {
            list.raw("<ofd:Attachment ID=\"")
            list.integer(id)
            list.raw("\"")
            list.attribute("Name", attachment.name)
            list.attribute("Format", attachment.format)
            list.attribute("CreationDate", String(description.created.description.prefix(19)))
            list.raw(" Size=\"")
            list.number(Double(attachment.bytes.count) / 1024)
            list.raw("\" Visible=\"false\" Usage=\"none\"><ofd:FileLoc>")
            list.text(file)
            list.raw("</ofd:FileLoc></ofd:Attachment>")
        }
        list.raw("</ofd:Attachments>")
        entries.append(PackageEntry("Doc_0/Attachs/Attachments.xml", list.bytes))
        for (_, file, attachment) in listed {
            entries.append(PackageEntry("Doc_0/Attachs/\(file)", attachment.bytes))
        }
        return entries
    }

    private func entry() -> [UInt8] {
        var entry = OFDMarkup(root: "OFD", [("Version", "1.0"), ("DocType", "OFD")])
        entry.raw("<ofd:DocBody><ofd:DocInfo>")
        entry.element("DocID", description.id)
        entry.element("Title", description.title)
        if !description.author.isEmpty { entry.element("Author", description.author) }
        if !description.subject.isEmpty { entry.element("Subject", description.subject) }
        entry.element("CreationDate", description.created.date.description)
        entry.element("Creator", DocumentDescription.creator)
        if !description.fields.isEmpty {
            entry.raw("<ofd:CustomDatas>")
            for field in description.fields {
                entry.raw("<ofd:CustomData")
                entry.attribute("Name", field.name)
                entry.raw(">")
                entry.text(field.value)
                entry.raw("</ofd:CustomData>")
            }
            entry.raw("</ofd:CustomDatas>")
        }
        entry.raw("</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>")
        return entry.bytes
    }

    private func document(_ sheet: Sheet, hasAttachments: Bool) -> [UInt8] {
        var document = OFDMarkup(root: "Document")
        document.raw("<ofd:CommonData><ofd:MaxUnitID>")
        document.integer(lastID)
        document.raw("</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>")
        if let page = sheet.pages.first { document.numbers(0, 0, page.width, page.height) }
        document.raw("</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>")
        if !pictures.isEmpty { document.raw("<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>") }
        document.raw("</ofd:CommonData><ofd:Pages>")
        for (at, page) in pages.enumerated() {
            document.raw("<ofd:Page ID=\"")
            document.integer(page.id)
            document.raw("\" BaseLoc=\"Pages/Page_")
            document.integer(at)
            document.raw("/Content.xml\"/>")
        }
        document.raw("</ofd:Pages>")
        if pages.contains(where: { $0.notes != nil }) {
            document.raw("<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>")
        }
        if hasAttachments { document.raw("<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>") }
        document.raw("</ofd:Document>")
        return document.bytes
    }

    private func fontList() -> [UInt8] {
        var list = OFDMarkup(root: "Res", [("BaseLoc", "Res")])
        list.raw("<ofd:Fonts>")
        for font in fonts.values.sorted(by: { $0.id < $1.id }) {
            list.raw("<ofd:Font ID=\"")
            list.integer(font.id)
            list.raw("\"")
            list.attribute("FontName", font.family)
            list.attribute("FamilyName", font.family)
            list.raw(">")
            list.element("FontFile", font.file)
            list.raw("</ofd:Font>")
        }
        list.raw("</ofd:Fonts></ofd:Res>")
        return list.bytes
    }

    private func pictureList() -> [UInt8] {
        var list = OFDMarkup(root: "Res", [("BaseLoc", "Res")])
        list.raw("<ofd:MultiMedias>")
        for picture in pictures {
            list.raw("<ofd:MultiMedia ID=\"")
            list.integer(picture.id)
            list.raw("\" Type=\"Image\" Format=\"PNG\">")
            list.element("MediaFile", "picture_\(picture.id).png")
            list.raw("</ofd:MultiMedia>")
        }
        list.raw("</ofd:MultiMedias></ofd:Res>")
        return list.bytes
    }

    private func noteList() -> [UInt8] {
        var list = OFDMarkup(root: "Annotations")
        for (at, page) in pages.enumerated() where page.notes != nil {
            list.raw("<ofd:Page PageID=\"")
            list.integer(page.id)
            list.raw("\"><ofd:FileLoc>Page_")
            list.integer(at)
            list.raw("/Annotation.xml</ofd:FileLoc></ofd:Page>")
        }
        list.raw("</ofd:Annotations>")
        return list.bytes
    }
}
