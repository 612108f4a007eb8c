/// What a later revision of a file did to an earlier one.
struct PDFChanges {
    private let earlier: PDFFile
    private let later: PDFFile

    init(from earlier: PDFFile, to later: PDFFile) {
        self.earlier = earlier
        self.later = later
    }

    /// Whether nothing was done but to add signatures: fields at the end of the form and of what a page shows.
    /// Whatever else was written anew must be the same as it was.
    func areSignaturesOnly() throws(PDFFault) -> Bool {
        guard try earlier.catalogPlace == later.catalogPlace else { return false }
        guard try !suppliesWhatWasMissing() else { return false }
        let added = try addedFields()
        guard let added else { return false }
        let catalog = try earlier.catalogPlace
        let form = try earlier.catalog["AcroForm"]?.reference
        let fields = try earlier.resolved(earlier.catalog["AcroForm"])["Fields"]?.reference
        var pages: Set<PDFReference> = []
        var shown: Set<PDFReference> = []
        for page in try earlier.pages() {
            pages.insert(page.place)
            if let place = page.entries["Annots"]?.reference { shown.insert(place) }
        }
        for (number, entry) in earlier.offsets {
            guard let now = later.offsets[number], now.generation == entry.generation else { return false }
            if now.offset == entry.offset { continue }
            let place = PDFReference(number: number, generation: entry.generation)
            let (before, after) = (try earlier.object(place), try later.object(place))
            let isSame: Bool
            switch place {
            case catalog: isSame = try isSameCatalog(before, after, added)
            case form: isSame = isSameForm(before, after, added)
            case fields: isSame = grew(before, after, by: added)
            case _ where pages.contains(place): isSame = isSamePage(before, after, added)
            case _ where shown.contains(place): isSame = grew(before, after, by: added)
            default: isSame = false
            }
            guard isSame else { return false }
        }
        return true
    }

    /// Whether a new object is one that the earlier revision referred to without having it: nothing at first, and then
    /// whatever the later one puts there.
    private func suppliesWhatWasMissing() throws(PDFFault) -> Bool {
        let new = Set(later.offsets.keys).subtracting(earlier.offsets.keys)
        if new.isEmpty { return false }
        for (number, entry) in earlier.offsets {
            let value = try earlier.object(PDFReference(number: number, generation: entry.generation))
            if value.refers(to: new) { return true }
        }
        return PDFObject.dictionary(earlier.trailer).refers(to: new)
    }

    /// The places of new fields, each signed and new as an object; nil when there is one that is something else.
    private func addedFields() throws(PDFFault) -> Set<PDFReference>? {
        let known = Set(try earlier.signatureFields().map(\.place))
        var added: Set<PDFReference> = []
        for field in try later.signatureFields() where !known.contains(field.place) {
            guard earlier.offsets[field.place.number] == nil, field.value != nil else { return nil }
            added.insert(field.place)
        }
        return added
    }

    /// Whether `after` is `before` and then only new fields.
    private func grew(_ before: PDFObject?, _ after: PDFObject?, by added: Set<PDFReference>) -> Bool {
        let (before, after) = (before?.array ?? [], after?.array ?? [])
        guard after.count >= before.count, after.prefix(before.count).elementsEqual(before) else {
            return false
        }
        return after.dropFirst(before.count).allSatisfy { $0.reference.map(added.contains) ?? false }
    }

    private func isSameForm(_ before: PDFObject, _ after: PDFObject, _ added: Set<PDFReference>) -> Bool {
        guard without(["Fields", "SigFlags"], before) == without(["Fields", "SigFlags"], after) else {
            return false
        }
        return before["Fields"] == after["Fields"] || grew(before["Fields"], after["Fields"], by: added)
    }

    private func isSameCatalog(
        _ before: PDFObject,
        _ after: PDFObject,
        _ added: Set<PDFReference>
    ) throws(PDFFault) -> Bool {
        guard without(["AcroForm"], before) == without(["AcroForm"], after) else { return false }
        if before["AcroForm"] == after["AcroForm"] { return true }
        // A form of its own in both: an object that takes the place of a dictionary would have to be followed.
        guard case .dictionary? = before["AcroForm"], case .dictionary? = after["AcroForm"] else {
            return false
        }
        return isSameForm(before["AcroForm"] ?? .null, after["AcroForm"] ?? .null, added)
    }

    private func isSamePage(_ before: PDFObject, _ after: PDFObject, _ added: Set<PDFReference>) -> Bool {
        guard without(["Annots"], before) == without(["Annots"], after) else { return false }
        return before["Annots"] == after["Annots"] || grew(before["Annots"], after["Annots"], by: added)
    }

    private func without(_ keys: Set<String>, _ object: PDFObject) -> [String: PDFObject] {
        (object.dictionary ?? [:]).filter { !keys.contains($0.key) }
    }
}
