// pin.exe ADDRESS FOLDER: the files of a folder, read-only, by the Go library pin/tftp; see servers.py.
package main

import (
	"bufio"
	"io"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"unsafe"

	"github.com/pin/tftp"
)

const (
	blksizeMax = 65464
	readSize   = 64 << 10
)

// The library bounds a block by the interface's MTU, which x/net cannot tell on Windows: it would grant 512 bytes there,
// whatever SetBlockSize says. Other versions lift that; for these it is done here.
func liftBlksize(transfer io.ReaderFrom) {
	bound := reflect.ValueOf(transfer).Elem().FieldByName("maxBlockLen")
	if !bound.IsValid() {
		log.Fatal("This version of pin/tftp has no maxBlockLen in a transfer: see what bounds its blocks on Windows now.")
	}
	*(*int)(unsafe.Pointer(bound.UnsafeAddr())) = blksizeMax
}

func send(path string, transfer io.ReaderFrom) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	liftBlksize(transfer)
	transfer.(tftp.OutgoingTransfer).SetSize(info.Size())
	_, err = transfer.ReadFrom(bufio.NewReaderSize(file, readSize))
	return err
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: pin.exe ADDRESS FOLDER")
	}
	serve := func(name string, transfer io.ReaderFrom) error {
		return send(filepath.Join(os.Args[2], filepath.Clean("/"+name)), transfer)
	}
	log.Fatal(tftp.NewServer(serve, nil).ListenAndServe(os.Args[1]))
}
