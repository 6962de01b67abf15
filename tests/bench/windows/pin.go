// pin.exe ADDRESS FOLDER: the files of a folder, read-only, by the Go library pin/tftp; see servers.py.
package main

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"unsafe"

	"github.com/pin/tftp"
)

const blksizeMax = 65464

// The library bounds a block by the interface's MTU, which x/net cannot tell on Windows: it would grant 512 bytes there,
// whatever SetBlockSize says. Other versions lift that; for these it is done here.
func liftBlksize(transfer io.ReaderFrom) {
	bound := reflect.ValueOf(transfer).Elem().FieldByName("maxBlockLen")
	if !bound.IsValid() {
		log.Fatal("This version of pin/tftp has no maxBlockLen in a transfer: see what bounds its blocks on Windows now.")
	}
	*(*int)(unsafe.Pointer(bound.UnsafeAddr())) = blksizeMax
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: pin.exe ADDRESS FOLDER")
	}
	send := func(name string, transfer io.ReaderFrom) error {
		file, err := os.Open(filepath.Join(os.Args[2], filepath.Clean("/"+name)))
		if err != nil {
			return err
		}
		defer file.Close()
		liftBlksize(transfer)
		_, err = transfer.ReadFrom(file)
		return err
	}
	log.Fatal(tftp.NewServer(send, nil).ListenAndServe(os.Args[1]))
}
