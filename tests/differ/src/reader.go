// What docker, containerd and umoci unpack from a tar, by Go's own reader, one line for each entry.
//
// It reads tars from standard input, each after its length in four bytes, and writes an answer for each in the same way.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"
)

// Records with a place of their own in a header.
var placed = map[string]bool{
	"path": true, "linkpath": true, "size": true, "uid": true, "gid": true,
	"uname": true, "gname": true, "mtime": true, "atime": true, "ctime": true,
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		var length uint32
		if binary.Read(in, binary.LittleEndian, &length) != nil {
			return
		}
		bytes := make([]byte, length)
		if _, err := io.ReadFull(in, bytes); err != nil {
			return
		}
		answer := read(bytes)
		binary.Write(out, binary.LittleEndian, uint32(len(answer)))
		out.WriteString(answer)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func read(tape []byte) string {
	var lines strings.Builder
	files, inFile := make(map[string]byte), false
	// A reader that can do nothing but read, as a decompressor: Go skips otherwise in a file.
	reader := tar.NewReader(struct{ io.Reader }{bytes.NewReader(tape)})
	for {
		header, err := reader.Next()
		if err == io.EOF && !inFile {
			lines.WriteString("end\n")
			return lines.String()
		}
		if err != nil || refused(header) {
			lines.WriteString("refused\n")
			return lines.String()
		}
		// Docker and containerd pass over it.
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		lines.WriteString(line(header))
		inFile = inFile || standsInFile(header, files)
		if _, err := io.Copy(io.Discard, reader); err != nil {
			lines.WriteString("refused\n")
			return lines.String()
		}
	}
}

// What those who unpack refuse, and the reader does not.
func refused(header *tar.Header) bool {
	switch header.Typeflag {
	case tar.TypeXGlobalHeader:
		return false
	case tar.TypeReg, tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
	default:
		return true
	}
	clean := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
	if strings.Contains(header.Name, "\x00") || (clean == "" && header.Typeflag != tar.TypeDir) {
		return true
	}
	if strings.HasPrefix(clean, ".wh..wh.") && clean != ".wh..wh..opq" {
		return false
	}
	switch path.Base(clean) {
	// A whiteout without a name.
	case ".wh.", ".wh..", ".wh...":
		return true
	}
	return false
}

// Whether an entry stands in one that is no directory and no link to one: it cannot be made then, which those who unpack
// find out, and the reader does not. Of each path the first entry counts, and none if it is there again as something else.
func standsInFile(header *tar.Header, files map[string]byte) bool {
	clean := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
	stands := false
	for at, letter := range clean {
		if letter == '/' {
			switch files[clean[:at]] {
			case tar.TypeReg, tar.TypeLink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
				stands = true
			}
		}
	}
	first, isThere := files[clean]
	switch {
	case isThere && (first != tar.TypeDir || header.Typeflag != tar.TypeDir):
		files[clean] = 'x'
	case strings.HasPrefix(path.Base(clean), ".wh.") || strings.HasPrefix(clean, ".wh..wh."):
		files[clean] = 'w'
	default:
		files[clean] = header.Typeflag
	}
	return stands
}

func line(header *tar.Header) string {
	size := header.Size
	if header.Typeflag != tar.TypeReg {
		size = 0
	}
	var records []string
	for name, value := range header.PAXRecords {
		if !placed[name] && !strings.HasPrefix(name, "GNU.sparse.") {
			records = append(records, fmt.Sprintf("%x=%x", name, value))
		}
	}
	sort.Strings(records)
	return fmt.Sprintf("%c %x > %x size %d owner %d:%d %x:%x mode %o time %d device %d,%d pax %s\n",
		header.Typeflag, header.Name, header.Linkname, size, header.Uid, header.Gid, header.Uname, header.Gname,
		header.Mode&07777, header.ModTime.Unix(), uint32(header.Devmajor), uint32(header.Devminor), strings.Join(records, ","))
}
