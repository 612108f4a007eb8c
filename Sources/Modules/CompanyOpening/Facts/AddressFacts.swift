import Kernel
import Registers
import Storage

/// What R10 sees.
enum AddressFacts {
    static func facts(
        of form: CompanyForm,
        line: String,
        book: ReferenceBook,
        keys: PersonKeys,
        regions: (String) -> Bool,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> JSON {
        let today = occasion.now.date
        let address = form.data["address"]
        let premises = form.data["premises"]
        let key = keys.address(line)
        let count = try LinkStore.count("address", key: key, in: reader)
        let notes = try NoteStore.standing(on: "address:\(key)", at: occasion.now, in: reader)
        let isPlatform = premises["use"].text == "platform"
        let (found, now): (String, String) =
            switch isPlatform ? .found : book.place(address, on: today) {
            case .found: ("found", "")
            case .abolished(let successor): ("abolished", successor)
            case .notFound: ("notFound", "")
            case .unknown: ("unknown", "")
            }
        let banner = address["banner"].text ?? form.district
        let dwelling = premises["dwelling"].bool ?? false
        return [
            "inDistrict": .bool(banner == form.district && regions(banner)), "found": .string(found),
            "now": .string(now), "negative": .string(book.negative(address, on: today)),
            "lostContact": .bool(notes.contains { $0.kind == .lostContact }), "dwelling": .bool(dwelling),
            "dwellingWithoutConsent": .bool(dwelling && premises["neighboursConsent"].bool != true),
            "promise": .bool(premises["mode"].text == "promise"),
            "promiseAllowed": .bool(found == "found"), "count": JSON(count),
            "hosted": .bool(premises["use"].text == "hosted" || isPlatform),
        ]
    }
}
