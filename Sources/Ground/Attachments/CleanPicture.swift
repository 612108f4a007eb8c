/// Pictures as they are kept: what is needed to show them, without what camera or program wrote about their making,
/// such as place, time, device and owner.
///
/// Read strictly down to the segments of JPEG (ITU-T T.81) and the chunks of PNG (ISO/IEC 15948): a picture that is cut
/// off, whose parts contradict one another or whose checksums are wrong is refused. The limits: what is compressed is
/// not decompressed, so pixels may be damaged where a PNG's checksum does not tell; a colour profile (ICC) stays as it
/// came; and documents (PDF, OFD, DOCX) stay whole, because a signature may cover them.
public enum CleanPicture {
    /// - Returns: a picture's bytes cleaned; cleaning them again changes nothing. Bytes of any other kind as they are.
    /// - Throws: `AttachmentError.pictureDamaged`.
    public static func of(_ bytes: [UInt8], kind: FileKind) throws(AttachmentError) -> [UInt8] {
        switch kind {
        case .jpg:
            var reader = JPEGReader(bytes)
            return try reader.clean()
        case .png:
            var reader = PNGReader(bytes)
            return try reader.clean()
        case .pdf, .ofd, .docx, .sealed: return bytes
        }
    }
}
