import Cryptography
import Documents
public import Kernel
public import Storage

/// Copies that a holder takes away: the original stays with the platform, what leaves it says for whom and what for.
public struct HolderCopies: Sendable {
    private let types: LicenceTypes
    private let files: CopyFiles
    private let database: any Database

    public init(types: LicenceTypes, files: CopyFiles, database: any Database) {
        self.types = types
        self.files = files
        self.database = database
    }

    /// For how many days a copy may count that is made on `day`.
    public func daysMax(on day: LocalDate) async throws -> Int { try await files.daysMax(day) }

    /// Makes a copy and keeps its digest; the holder sees the use with all others.
    public func make(_ wish: CopyWish, as format: LicencePress.Format, occasion: Occasion) async throws
        -> (copy: LicenceCopy, bytes: [UInt8])
    {
        let days = try await files.daysMax(occasion.now.date)
        let order = try await database.read {
            try LicenceCopies.order(wish, daysMax: days, occasion: occasion, in: $0)
        }
        let record = order.original.record
        let drawn = try await files.draw(order, format)
        let use = LicenceUse(
            id: occasion.newID(),
            licence: "credential:\(record.id)",
            type: record.type,
            holder: record.holder.code,
            way: .download,
            organisation: wish.forWhom,
            operatorName: "",
            purpose: wish.purpose,
            reason: nil,
            item: nil,
            itemCode: nil,
            caseNumber: wish.caseNumber,
            fields: types[record.type]?.fields.map(\.key).filter { !record.fields[$0].isNull } ?? [],
            at: occasion.now
        )
        let copy = try await database.write {
            try LicenceCopies.keep(
                order,
                drawn: drawn,
                use: use,
                occasion: occasion,
                in: $0
            )
        }
        return (copy, drawn.bytes)
    }
}

extension LicencePress {
    /// The file of a copy that may be made.
    public func copy(_ order: CopyOrder, as format: Format, occasion: Occasion) async throws -> Pressed {
        let wish = order.wish
        let note = CopyNote(
            text: "本件为电子证照加注件，仅供“\(wish.forWhom)”用于“\(wish.purpose)”（编号 \(wish.caseNumber)）；"
                + "\(order.madeAt.minuteText) 制作，\(order.validUntil.chineseText)前有效。",
            watermark: "仅供\(wish.purpose)使用　\(order.validUntil)前有效"
        )
        let values = LicenceCopy.values(
            by: platform.name,
            purpose: wish.purpose,
            at: order.madeAt,
            until: order.validUntil
        )
        return try await file(
            of: order.original,
            format,
            annotation: Annotation(note: note, values: values),
            occasion: occasion
        )
    }
}
