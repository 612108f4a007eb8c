import Cryptography
public import Documents
import ElectronicSeals
import Forms
import Foundation
public import Kernel
import Standards

/// Makes the files of licences: laid out once, written as OFD under the issuing body's seal, or as PDF with the platform's
/// signature, the same content in both.
public struct LicencePress: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case ofd, pdf

        public var mediaType: String { self == .ofd ? "application/ofd" : "application/pdf" }
    }

    private let press: DocumentPress
    private let types: LicenceTypes
    private let seals: IssuerSeals
    private let authority: CredentialAuthority
    private let sheets: [LicenceTemplate: SheetTemplate]
    /// Whoever runs the platform: it signs PDF files and annotated copies.
    let platform: IssuingBody
    private let origin: String
    private let limits: @Sendable (LocalDate) -> VerificationLimits

    /// - Parameters:
    ///   - origin: `https://…` under which people see the platform, for QR codes.
    ///   - limits: how large a PDF may be on a day.
    public init(
        home: Home,
        press: DocumentPress,
        types: LicenceTypes,
        seals: IssuerSeals,
        authority: CredentialAuthority,
        platform: IssuingBody,
        origin: String,
        limits: @escaping @Sendable (LocalDate) -> VerificationLimits
    ) throws(DocumentError) {
        self.press = press
        self.types = types
        self.seals = seals
        self.authority = authority
        self.platform = platform
        self.origin = origin
        self.limits = limits
        var sheets: [LicenceTemplate: SheetTemplate] = [:]
        for template in LicenceTemplate.allCases {
            sheets[template] = try SheetTemplate(
                contentsOf: home.resource("documents/sheets/\(template.rawValue).yaml")
            )
        }
        self.sheets = sheets
    }

    /// What a copy shows and says beyond the licence.
    public struct Annotation: Sendable {
        public let note: CopyNote
        /// Of the catalogue, such as `JZJZZSY`.
        public let values: [(name: String, value: String)]

        public init(note: CopyNote, values: [(name: String, value: String)]) {
            self.note = note
            self.values = values
        }
    }

    /// A file as it was made, and under which seal.
    public struct Pressed: Sendable {
        public let bytes: [UInt8]
        /// Nil for PDF: it shows the issuing body's seal, and the platform signs it.
        public let mark: SealMark?
    }

    /// The file of a licence. Without an annotation it is the original, under the issuing body's seal; with one it is a
    /// copy, under the platform's. Whoever keeps it or hands it out enters its mark in the ledger.
    public func file(
        of credential: Credential,
        _ format: Format,
        annotation: Annotation? = nil,
        occasion: Occasion
    ) async throws -> Pressed {
        guard let type = types[credential.record.type] else {
            throw CredentialError.unknownType(credential.record.type)
        }
        let work = Work(
            credential: credential,
            type: type,
            annotation: annotation,
            issuer: try await seals.sealing(of: credential.record.issuer, occasion: occasion),
            sealing: try await seals.sealing(
                of: annotation == nil ? credential.record.issuer : platform,
                occasion: occasion
            ),
            documentID: Hex.encode(occasion.entropy.bytes(16)),
            now: occasion.now
        )
        switch format {
        case .ofd:
            let bytes = try await press.make { [self] typesetter throws(DocumentError) in
                try ofd(work, typesetter)
            }
            let (id, signer) = (work.sealing.id, work.sealing.signer)
            return Pressed(
                bytes: bytes,
                mark: SealMark(
                    seal: id,
                    certificate: Hex.encode(signer.certificate.serial),
                    licence: credential
                )
            )
        case .pdf:
            let bytes = try await press.make { [self] typesetter throws(DocumentError) in
                try pdf(work, typesetter)
            }
            return Pressed(bytes: bytes, mark: nil)
        }
    }

    private struct Work: Sendable {
        let credential: Credential
        let type: LicenceType
        let annotation: Annotation?
        /// The body whose seal the reader expects to see.
        let issuer: IssuerSeals.Sealing
        /// Whose signature protects the file.
        let sealing: IssuerSeals.Sealing
        let documentID: String
        let now: Instant

        var record: CredentialRecord { credential.record }

        var fields: [(name: String, value: String)] {
            CatalogueValues(of: record, type: type).all + (annotation?.values ?? [])
        }

        /// The same as data. What the issuer signed goes with an original only: taken out of a copy it would count
        /// without purpose and without end.
        var words: [UInt8] {
            let words: JSON = [
                "fields": .array(fields.map { ["name": .string($0.name), "value": .string($0.value)] })
            ]
            return words.canonicalBytes
        }
    }

    private func sheet(_ work: Work, _ typesetter: Typesetter) throws(DocumentError) -> Sheet {
        guard let template = sheets[work.type.template] else { throw .sheet(work.type.template.rawValue) }
        let content = LicenceContent(
            record: work.record,
            type: work.type,
            link: origin + work.record.code.path
        )
        let sheet = try template.sheet(content.sheet, by: typesetter)
        guard let annotation = work.annotation else { return sheet }
        return try sheet.annotated(annotation.note, by: typesetter)
    }

    private func stamped(_ sheet: Sheet, _ work: Work, _ typesetter: Typesetter) throws(DocumentError)
        -> Sheet
    {
        let code = work.issuer.seal.content.code
        return try sheet.stamped(try seals.picture(of: work.record.issuer, code: code, by: typesetter))
    }

    private func describe(_ work: Work) -> DocumentDescription {
        DocumentDescription(
            id: work.documentID,
            title: work.type.name.zh,
            author: work.record.issuer.name,
            subject: work.record.identifier.description,
            created: work.now,
            fields: work.fields
        )
    }

    /// How large the platform's seal stands beside the note of a copy.
    private static let copySealMillimetres = 14.0

    private func ofd(_ work: Work, _ typesetter: Typesetter) throws(DocumentError) -> [UInt8] {
        var sheet = try sheet(work, typesetter)
        let isCopy = work.annotation != nil
        // On a copy the issuing body's seal is part of the picture; what protects it is the platform's.
        if isCopy { sheet = try stamped(sheet, work, typesetter) }
        guard let place = sheet.place(isCopy ? "annotation" : "seal") else { throw .sheet("seal") }
        let width = isCopy ? Self.copySealMillimetres : Double(IssuerSeals.width)
        var stamp = place.stamp(width: width, height: width)
        if isCopy {
            stamp = OFDSigner.Place(
                page: stamp.page,
                x: place.box.x + place.box.width - width,
                y: stamp.y,
                width: width,
                height: width
            )
        }
        let entries = try OFDWriter.entries(
            sheet,
            describe(work),
            attachments: [
                isCopy
                    ? DocumentAttachment(name: "copy", format: "JSON", bytes: work.words)
                    : DocumentAttachment(name: "licence", format: "JSON", bytes: work.credential.file)
            ],
            by: typesetter.typefaces
        )
        let stamps = authority.stamps(at: work.now)
        do {
            return try OFDSigner.seal(
                Package(entries),
                with: .init(seal: work.sealing.seal, signer: work.sealing.signer, places: [stamp]),
                at: work.now,
                isLocking: true,
                timestamp: { signature throws(CryptographyError) in
                    try stamps.token(for: SM3.digest(signature), .sm3, now: work.now)
                }
            ).zipped()
        } catch let error as DocumentError {
            throw error
        } catch { throw .engine("\(error)") }
    }

    private func pdf(_ work: Work, _ typesetter: Typesetter) throws(DocumentError) -> [UInt8] {
        let sheet = try stamped(try sheet(work, typesetter), work, typesetter)
        guard let place = sheet.place("seal") else { throw .sheet("seal") }
        let bytes = try PDFWriter.pdf(sheet, describe(work), by: typesetter)
        var attachments = [
            PDFAttachment(
                name: FileVerifier.recordName,
                mediaType: "application/json",
                bytes: work.words
            )
        ]
        if work.annotation == nil {
            attachments.append(
                PDFAttachment(
                    name: "licence.suban",
                    mediaType: "application/json",
                    bytes: work.credential.file
                )
            )
        }
        let signer = PDFSigner(
            authority.keys.documents,
            stamps: authority.stamps(at: work.now),
            limits: limits(work.now.date).pdf
        )
        let signing = PDFSigning(
            field: "Seal",
            page: place.page,
            rectangle: PDFRectangle(
                left: place.box.x,
                top: place.box.y,
                width: place.box.width,
                height: place.box.height
            ),
            name: platform.name,
            reason: work.annotation == nil ? "电子证照" : "电子证照加注件",
            isFinal: true,
            attachments: attachments,
            title: work.type.name.zh
        )
        return try signer.sign(bytes, signing, now: work.now)
    }
}
