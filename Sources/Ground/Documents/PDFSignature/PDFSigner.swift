public import Cryptography
public import Kernel

/// A rectangle on a page in millimetres, from the page's left upper corner.
public struct PDFRectangle: Hashable, Sendable {
    public let left: Double
    public let top: Double
    public let width: Double
    public let height: Double

    public init(left: Double, top: Double, width: Double, height: Double) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }
}

/// What a signature says of itself, and what comes into the file together with it.
public struct PDFSigning: Sendable {
    /// The name of the field, unique in the document.
    public var field: String
    /// From 0.
    public var page: Int
    /// Where a reader shows that there is a signature; the picture of a seal is drawn in the page itself.
    public var rectangle: PDFRectangle
    public var name: String
    public var reason: String?
    public var location: String?
    public var contact: String?
    /// Whether the document is certified as finished: no change and no further signature is allowed. The first signature
    /// alone can say so, and only it brings a title and attachments.
    public var isFinal: Bool
    public var attachments: [PDFAttachment]
    /// The title in the document's own description; nil leaves that as it is.
    public var title: String?

    public init(
        field: String,
        page: Int = 0,
        rectangle: PDFRectangle,
        name: String,
        reason: String? = nil,
        location: String? = nil,
        contact: String? = nil,
        isFinal: Bool = false,
        attachments: [PDFAttachment] = [],
        title: String? = nil
    ) {
        self.field = field
        self.page = page
        self.rectangle = rectangle
        self.name = name
        self.reason = reason
        self.location = location
        self.contact = contact
        self.isFinal = isFinal
        self.attachments = attachments
        self.title = title
    }
}

/// Signs PDF files: CAdES in a signature field (`ETSI.CAdES.detached`), appended to the file as it is.
public struct PDFSigner: Sendable {
    private let identity: P256Identity
    private let stamps: TimestampAuthority?
    private let limits: PDFLimits

    public init(_ identity: P256Identity, stamps: TimestampAuthority?, limits: PDFLimits) {
        self.identity = identity
        self.stamps = stamps
        self.limits = limits
    }

    /// A signature with its chain and a time stamp takes 3,500 bytes; each takes two digits.
    private static let digitsReserved = 16_384

    /// Signs a PDF with a classic cross-reference table, such as Cairo writes, signed before or not.
    public func sign(
        _ pdf: [UInt8],
        _ signing: PDFSigning,
        now: Instant
    ) throws(DocumentError) -> [UInt8] {
        let draft: PDFSignatureDraft
        do throws(PDFFault) {
            let file = try PDFFile(pdf, limits: limits)
            draft = try PDFSignatureDraft(file, signing, now: now, digits: Self.digitsReserved)
        } catch {
            throw .notSignable(error.words)
        }
        let signature: [UInt8]
        do throws(CryptographyError) {
            signature = try DetachedSignature.make(
                over: draft.contentToSign,
                by: identity,
                at: now,
                stampedBy: stamps
            )
        } catch {
            throw .engine(error.code)
        }
        guard signature.count * 2 <= Self.digitsReserved else { throw .engine("signature size") }
        return draft.finished(with: signature)
    }
}
