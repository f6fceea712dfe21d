// What clients written in Go read in the documents of an image, by encoding/json and the types of image-spec's specs-go/v1.
//
// It reads documents from standard input, each after its length in four bytes and one that says its kind, and writes an
// answer for each in the same way, without a kind.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// A time as Go reads it since 1.20; before that it took a comma here and there.
type moment struct{ time.Time }

var strict = regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"$`)

func (m *moment) UnmarshalJSON(text []byte) error {
	if string(text) != "null" && !strict.Match(text) {
		return errors.New("not a time of RFC 3339")
	}
	return m.Time.UnmarshalJSON(text)
}

type platform struct {
	Architecture string   `json:"architecture"`
	OS           string   `json:"os"`
	OSVersion    string   `json:"os.version,omitempty"`
	OSFeatures   []string `json:"os.features,omitempty"`
	Variant      string   `json:"variant,omitempty"`
}

type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	URLs         []string          `json:"urls,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Data         []byte            `json:"data,omitempty"`
	Platform     *platform         `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
}

type index struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Manifests     []descriptor      `json:"manifests"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

type config struct {
	Created *moment `json:"created,omitempty"`
	Author  string     `json:"author,omitempty"`
	platform
	Config struct {
		User         string              `json:"User,omitempty"`
		ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
		Env          []string            `json:"Env,omitempty"`
		Entrypoint   []string            `json:"Entrypoint,omitempty"`
		Cmd          []string            `json:"Cmd,omitempty"`
		Volumes      map[string]struct{} `json:"Volumes,omitempty"`
		WorkingDir   string              `json:"WorkingDir,omitempty"`
		Labels       map[string]string   `json:"Labels,omitempty"`
		StopSignal   string              `json:"StopSignal,omitempty"`
		ArgsEscaped  bool                `json:"ArgsEscaped,omitempty"`
	} `json:"config,omitempty"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []struct {
		Created    *moment `json:"created,omitempty"`
		CreatedBy  string     `json:"created_by,omitempty"`
		Author     string     `json:"author,omitempty"`
		Comment    string     `json:"comment,omitempty"`
		EmptyLayer bool       `json:"empty_layer,omitempty"`
	} `json:"history,omitempty"`
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		var length uint32
		if binary.Read(in, binary.LittleEndian, &length) != nil {
			return
		}
		document := make([]byte, length)
		if _, err := io.ReadFull(in, document); err != nil || length == 0 {
			return
		}
		answer := read(document[0], document[1:])
		binary.Write(out, binary.LittleEndian, uint32(len(answer)))
		out.WriteString(answer)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func read(kind byte, document []byte) string {
	var lines strings.Builder
	var err error
	switch kind {
	case 'i':
		var read index
		if err = json.Unmarshal(document, &read); err == nil {
			fmt.Fprintf(&lines, "type %x\n", read.MediaType)
			for _, entry := range read.Manifests {
				lines.WriteString(line("entry", entry))
			}
		}
	case 'm':
		var read manifest
		if err = json.Unmarshal(document, &read); err == nil {
			fmt.Fprintf(&lines, "type %x artifact %x\n%s", read.MediaType, read.ArtifactType, line("config", read.Config))
			for _, layer := range read.Layers {
				lines.WriteString(line("layer", layer))
			}
		}
	default:
		var read config
		if err = json.Unmarshal(document, &read); err == nil {
			fmt.Fprintf(&lines, "for %x/%x/%x %x\n", read.OS, read.Architecture, read.Variant, read.OSVersion)
			for _, id := range read.RootFS.DiffIDs {
				fmt.Fprintf(&lines, "diff %x\n", id)
			}
			for _, step := range read.History {
				fmt.Fprintf(&lines, "step %x %t\n", step.CreatedBy, step.EmptyLayer)
			}
		}
	}
	if err != nil {
		return "refused\n"
	}
	return lines.String()
}

func line(what string, d descriptor) string {
	of := ""
	if d.Platform != nil {
		of = fmt.Sprintf("%x/%x/%x %x %x", d.Platform.OS, d.Platform.Architecture, d.Platform.Variant,
			d.Platform.OSVersion, d.Platform.OSFeatures)
	}
	return fmt.Sprintf("%s %x %x %d for %s data %x urls %x artifact %x\n", what, d.MediaType, d.Digest, d.Size, of, d.Data,
		d.URLs, d.ArtifactType)
}
