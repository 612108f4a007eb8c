import Documents
import ElectronicSeals
import Kernel

extension Seal {
    /// The picture in the SES seal, a PNG; nil before it is made.
    public var picture: [UInt8]? {
        get throws { try made.map { try ElectronicSeal(der: $0.bytes).content.picture.bytes } }
    }

    /// Where the seal stands when nobody says otherwise: to the right at the foot of the last page, in its own size.
    func places(in document: OFDDocument) throws -> [OFDSigner.Place] {
        let last: OFDDocument.Page?
        do { last = try document.lastPage() } catch { throw SealError.unreadable(error.kind.rawValue) }
        guard let made, let page = last else { throw SealError.noPlace }
        let picture = try ElectronicSeal(der: made.bytes).content.picture
        let (width, height) = (Double(picture.width), Double(picture.height))
        let margin = 20.0
        return [
            OFDSigner.Place(
                page: page.id,
                x: max(0, page.width - margin - width),
                y: max(0, page.height - margin * 2 - height),
                width: width,
                height: height
            )
        ]
    }
}
