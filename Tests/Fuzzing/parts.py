"""parts.py FILE.ofd OUT: the files that FuzzXML puts into its package, divided by NUL, as a first input."""
import sys, zipfile

names = ["OFD.xml", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/Sign_0/Signature.xml", "Doc_0/Signs/Sign_0/SignedValue.dat"]
with zipfile.ZipFile(sys.argv[1]) as archive, open(sys.argv[2], "wb") as out:
    out.write(b"\0".join(archive.read(name) for name in names))
