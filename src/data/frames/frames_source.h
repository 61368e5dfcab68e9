// Records whose files have become frames: what a source says is a path, or samples, is then Numbers.
#pragma once

#include <memory>
#include <span>

#include "data/frames/frame_store.h"
#include "data/source.h"

namespace recur {

// The source with frames in the place of paths and samples. Reads some records ahead, and their files on several
// threads; what is wrong with a file is told when its record is moved to. `store` may be null. Of the options: after
// each record come versions at other speeds, and answers that need not be there are nothing, whatever they are.
std::unique_ptr<Source> with_frames(std::unique_ptr<Source> source, std::span<const FieldRequest> fields,
                                    std::shared_ptr<FrameStore> store, const SourceOptions& options);

}  // namespace recur
